/** Invented people are named as people in North Sumatra and Aceh are; any likeness is chance. */
export const GIVEN = {
  MALE: [
    ...['Ahmad', 'Muhammad', 'Teuku', 'Rizki', 'Fauzan', 'Hendra', 'Zulkifli', 'Irwan', 'Bambang', 'Dedi', 'Eko'],
    ...['Faisal', 'Ganda', 'Hasan', 'Ilham', 'Jefri', 'Khairul', 'Lukman', 'Mahmud', 'Nasrul', 'Parlindungan'],
    ...['Rahmat', 'Syahrul', 'Taufik', 'Usman', 'Wahyu', 'Yusuf', 'Zainal', 'Maruli', 'Togar', 'Azhari', 'Munawar'],
  ],
  FEMALE: [
    ...['Siti', 'Cut', 'Nurul', 'Rina', 'Dewi', 'Fitri', 'Aisyah', 'Lestari', 'Marlina', 'Yusnidar', 'Ratna', 'Sri'],
    ...['Wulan', 'Putri', 'Eka', 'Novita', 'Rosmawati', 'Safrida', 'Tiurma', 'Ulfa', 'Vera', 'Zahara', 'Hasnah'],
    ...['Intan', 'Juliana', 'Kartika', 'Mawar', 'Nirmala', 'Oktavia', 'Rauzah', 'Halimah', 'Melati'],
  ],
} as const;

export const SECOND = [
  ...['Siregar', 'Nasution', 'Lubis', 'Harahap', 'Ginting', 'Sembiring', 'Tarigan', 'Sitepu', 'Manurung', 'Hutagalung'],
  ...['Simanjuntak', 'Batubara', 'Pohan', 'Daulay', 'Rangkuti', 'Syahputra', 'Hidayat', 'Saputra', 'Ramadhan'],
  ...['Abdullah', 'Ibrahim', 'Ismail', 'Husaini', 'Mansur', 'Zulfikar', 'Amin', 'Yahya', 'Rahman', 'Fadhil', 'Maulana'],
  ...['Andriani', 'Kurniawan', 'Setiawan', 'Wibowo', 'Susanti', 'Handayani', 'Sari', 'Permata', 'Anggraini'],
] as const;

/** Those with only one name. */
export const MONONYMS = {
  MALE: ['Suparno', 'Ngadimin', 'Poniman', 'Samsul', 'Jumadi', 'Legiman', 'Tukiran', 'Sugeng', 'Basri', 'Ruslan'],
  FEMALE: [
    'Sumarni',
    'Tukinem',
    'Nurhayati',
    'Suryani',
    'Asmah',
    'Rohani',
    'Jamilah',
    'Khadijah',
    'Mariana',
    'Ponirah',
  ],
} as const;
