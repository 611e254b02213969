/** Who may see what, and do what: the vocabulary, the judgement, and its enforcement on a schema. */
export { type About, type Audience, accessTypeDefs } from './audience.js';
export { enforceAccess } from './enforcement.js';
export { demand, demandOf, judge, judgeRead, type Shown } from './judgement.js';
export { noteRead } from './reads.js';
