/** The documents that the public contract answers by name. */
import { readdir, readFile } from 'node:fs/promises';
import { type DocumentNode, type GraphQLSchema, type OperationDefinitionNode, parse, validate } from 'graphql';
import { untagged } from './tags.js';

export interface KnownDocument {
  readonly id: string;
  readonly text: string;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

/**
 * The files of a folder, by their names without `.graphql`.
 * @throws for one that the schema does not hold, or whose answers no event could drop
 */
export async function readDocuments(folder: URL, schema: GraphQLSchema): Promise<Map<string, KnownDocument>> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.graphql'));
  const found = await Promise.all(
    files.map(async (file): Promise<[string, KnownDocument]> => {
      const id = file.replace(/\.graphql$/, '');
      const text = await readFile(new URL(file, folder), 'utf8');
      const document = parse(text);
      const problems = [
        ...validate(schema, document).map(({ message }) => message),
        ...untagged(schema, document).map((place) => `${place} is shown without its id`),
      ];
      if (problems.length > 0) throw new Error(`The known document ${file} cannot be used: ${problems.join(' ')}`);
      return [id, { id, text, document, operation: document.definitions[0] as OperationDefinitionNode }];
    }),
  );
  return new Map(found);
}
