/**
 * Loaded into a service before its own first line (`node --import`), in the fault suite only: it puts the modules of
 * this folder before the chassis's own of the same name, and makes the process's wall clock one that can be moved.
 * So Merit itself knows nothing of the suite.
 */
import { register } from 'node:module';
import { controlOf } from './control.js';

register('./hooks.js', import.meta.url);

/** How often the process looks how far its clock is off. Milliseconds. */
const LOOK_MS = 100;

const RealDate = Date;
let offset = controlOf().clockMs ?? 0;
setInterval(() => {
  offset = controlOf().clockMs ?? 0;
}, LOOK_MS).unref();

/** Wall clock only: timers and the monotonic clock go on as they do when an operator sets the time. */
globalThis.Date = class extends RealDate {
  constructor(...given: unknown[]) {
    super(...((given.length === 0 ? [RealDate.now() + offset] : given) as [number]));
  }
  static override now(): number {
    return RealDate.now() + offset;
  }
} as DateConstructor;
