/**
 * National days off that Merit ships with, for an administrator to confirm or replace (`publishCalendar`).
 *
 * 2026: 17 public holidays and 8 days of shared leave. The days agree in several public pages on the joint decree of the
 * three ministers (SKB 1497, 2 and 5 of 2025, 19 September 2025); the decree itself was not read.
 */
import type { Holiday } from './calendar.js';

export interface ShippedCalendar {
  readonly year: number;
  readonly source: string;
  readonly verified: boolean;
  readonly holidays: readonly Holiday[];
}

export const NATIONAL_CALENDARS: readonly ShippedCalendar[] = [
  {
    year: 2026,
    source: 'SKB 3 Menteri 1497/2025, 2/2025, 5/2025, as reported in the press',
    verified: false,
    holidays: [
      { date: '2026-01-01', name: 'Tahun Baru 2026 Masehi' },
      { date: '2026-01-16', name: 'Isra Mikraj Nabi Muhammad saw.' },
      { date: '2026-02-16', name: 'Cuti bersama Tahun Baru Imlek' },
      { date: '2026-02-17', name: 'Tahun Baru Imlek 2577 Kongzili' },
      { date: '2026-03-18', name: 'Cuti bersama Hari Suci Nyepi' },
      { date: '2026-03-19', name: 'Hari Suci Nyepi (Tahun Baru Saka 1948)' },
      { date: '2026-03-20', name: 'Cuti bersama Idulfitri' },
      { date: '2026-03-21', name: 'Idulfitri 1447 Hijriah' },
      { date: '2026-03-22', name: 'Idulfitri 1447 Hijriah' },
      { date: '2026-03-23', name: 'Cuti bersama Idulfitri' },
      { date: '2026-03-24', name: 'Cuti bersama Idulfitri' },
      { date: '2026-04-03', name: 'Wafat Yesus Kristus' },
      { date: '2026-04-05', name: 'Kebangkitan Yesus Kristus (Paskah)' },
      { date: '2026-05-01', name: 'Hari Buruh Internasional' },
      { date: '2026-05-14', name: 'Kenaikan Yesus Kristus' },
      { date: '2026-05-15', name: 'Cuti bersama Kenaikan Yesus Kristus' },
      { date: '2026-05-27', name: 'Iduladha 1447 Hijriah' },
      { date: '2026-05-28', name: 'Cuti bersama Iduladha' },
      { date: '2026-05-31', name: 'Hari Raya Waisak 2570 BE' },
      { date: '2026-06-01', name: 'Hari Lahir Pancasila' },
      { date: '2026-06-16', name: '1 Muharam Tahun Baru Islam 1448 Hijriah' },
      { date: '2026-08-17', name: 'Hari Kemerdekaan' },
      { date: '2026-08-25', name: 'Maulid Nabi Muhammad saw.' },
      { date: '2026-12-24', name: 'Cuti bersama Kelahiran Yesus Kristus' },
      { date: '2026-12-25', name: 'Kelahiran Yesus Kristus (Natal)' },
    ],
  },
];
