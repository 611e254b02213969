/** What the SDL of events has in several places: pages, and the key of a repeated call. */

export const PAGE = `
    "How many, from the beginning or after a cursor; 20 unless told, 100 at most."
    first: Int
    "The cursor after which the page begins."
    after: String
    "How many, from the end or before a cursor."
    last: Int
    "The cursor before which the page ends."
    before: String`;

export const connectionOf = (type: string, what: string): string => `
"A page of ${what}."
type ${type}Connection @shareable @access(to: [ADMIN]) {
  "They with their cursors."
  edges: [${type}Edge!]!
  "Where the page lies."
  pageInfo: PageInfo!
  "How many there are in all."
  total: Int!
}

"One of a page of ${what}."
type ${type}Edge @shareable @access(to: [ADMIN]) {
  "It."
  node: ${type}!
  "Where it stands in the list."
  cursor: String!
}
`;

export const KEY = `"A UUID: the same key has the same effect once, and gives the same answer."
  idempotencyKey: String`;
