import {
  UnitClosedSchema,
  UnitMergedSchema,
  UnitMovedSchema,
  UnitRegisteredSchema,
  UnitRenamedSchema,
} from '@merit/proto/personnel';
import { type About, type Message, message, optional } from '../publish.js';
import type { UnitEvent } from './unit.js';

export function toMessage(event: UnitEvent): Message {
  const { id: unitId, agencyId } = event.unit;
  const about: About = { aggregateType: 'unit', aggregateId: unitId, agencyId };
  switch (event.type) {
    case 'UnitRegistered': {
      const { name, parentId } = event;
      const { validFrom } = event.unit;
      return message(UnitRegisteredSchema, about, {
        unitId,
        agencyId,
        name,
        validFrom,
        ...optional('parentId', parentId),
      });
    }
    case 'UnitRenamed':
      return message(UnitRenamedSchema, about, { unitId, name: event.name.name, validFrom: event.name.validFrom });
    case 'UnitMoved': {
      const { parentId, validFrom } = event.parent;
      return message(UnitMovedSchema, about, { unitId, validFrom, ...optional('parentId', parentId) });
    }
    case 'UnitMerged':
      return message(UnitMergedSchema, about, { unitId, intoUnitId: event.intoUnitId, validFrom: event.validFrom });
    case 'UnitClosed':
      return message(UnitClosedSchema, about, { unitId, validTo: event.validTo });
    default:
      return event satisfies never;
  }
}
