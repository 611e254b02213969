/** The page on which one chooses whom to be. */
import type { Person } from './people.js';

/** More would be a long page; the rest can be named. */
const SHOWN = 40;

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const choice = ({ handle, name, description }: Person): string =>
  `<li><button name="handle" value="${escapeHtml(handle)}"><b>${escapeHtml(name)}</b> <code>${escapeHtml(handle)}</code><br>${escapeHtml(description)}</button></li>`;

/** A whole HTML document. `problem` is shown above the choices. */
export function loginPage(people: readonly Person[], problem = ''): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sign in to Merit</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem }
  ul { list-style: none; padding: 0 }
  li button { width: 100%; text-align: left; font: inherit; padding: .6rem 1rem; margin-bottom: .4rem; cursor: pointer }
</style>
<h1>Who are you today?</h1>
<p>These people are made up, and nobody has a password: this page exists on your own machine only.</p>
<p role="alert">${escapeHtml(problem)}</p>
<form method="post">
  <label>By handle <input name="named" autocomplete="off"></label> <button>Sign in</button>
</form>
<form method="post"><ul>
${people.slice(0, SHOWN).map(choice).join('\n')}
</ul></form>
</html>
`;
}
