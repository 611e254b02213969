/**
 * The organisations of the seed: real structures of three local governments, as their public sources name them; the
 * limits of their services are typical ones. The people in them are invented.
 */

/** A service with its standard: code, name, limit, and the unit of the limit. */
export interface ServiceSeed {
  readonly code: string;
  readonly name: string;
  readonly limit: number;
  readonly unit: 'WORKING_DAYS' | 'MINUTES';
  readonly requirements: string;
}
/** A department (perangkat daerah): code, name, its head's title, the names of its divisions, how large it is, its services. */
export interface DepartmentSeed {
  readonly code: string;
  readonly name: string;
  readonly head: string;
  readonly divisions: readonly string[];
  /** Staff beside those who lead. */
  readonly staff: number;
  readonly services: readonly ServiceSeed[];
}
export interface AgencySeed {
  readonly name: string;
  /** For handles and codes. */
  readonly short: string;
  readonly timeZone: string;
  readonly departments: readonly DepartmentSeed[];
  readonly districts: readonly string[];
  /** Staff in each district office. */
  readonly districtStaff: number;
}

const days = (code: string, name: string, limit: number, requirements: string): ServiceSeed => ({
  code,
  name,
  limit,
  unit: 'WORKING_DAYS',
  requirements,
});
const minutes = (code: string, name: string, limit: number, requirements: string): ServiceSeed => ({
  ...days(code, name, limit, requirements),
  unit: 'MINUTES',
});

const identity = 'Fotokopi kartu keluarga dan KTP-el pemohon.';
const letter = 'Surat permohonan dan identitas pemohon.';

/** Every department answers requests for information (PPID). */
const openness = days('PPID', 'Permohonan informasi publik (PPID)', 10, letter);

const civilRegistry = (moving: number) => [
  days('KTP-EL', 'Penerbitan KTP elektronik', 1, identity),
  days('KK', 'Penerbitan kartu keluarga', 1, identity),
  days('AKTA-LAHIR', 'Penerbitan akta kelahiran', 1, 'Surat keterangan lahir, kartu keluarga, KTP-el orang tua.'),
  days('PINDAH', 'Surat keterangan pindah', moving, identity),
];
const permits = [
  days('SIP', 'Surat izin praktik tenaga kesehatan', 5, 'Surat tanda registrasi dan rekomendasi organisasi profesi.'),
  days('PBG', 'Persetujuan bangunan gedung', 28, 'Gambar rencana, bukti hak atas tanah, data pemilik.'),
  days('REKLAME', 'Izin penyelenggaraan reklame', 5, letter),
];
const health = [
  days('SURAT-SEHAT', 'Surat keterangan sehat', 1, identity),
  days('LAIK-HIGIENE', 'Sertifikat laik higiene sanitasi', 14, 'Denah lokasi dan hasil uji laboratorium.'),
];
const hospital = [
  minutes('RAWAT-JALAN', 'Rawat jalan', 60, 'Kartu berobat atau kartu jaminan kesehatan.'),
  days('VISUM', 'Visum et repertum', 5, 'Surat permintaan penyidik.'),
];
const education = [
  days('LEGALISASI', 'Legalisasi ijazah', 1, 'Ijazah asli dan fotokopi.'),
  days('MUTASI-SISWA', 'Mutasi siswa', 2, 'Surat pindah dari sekolah asal.'),
  days('IZIN-PAUD', 'Izin pendirian PAUD', 14, letter),
];
const environment = [
  days('KELUHAN-SAMPAH', 'Penanganan keluhan sampah', 2, 'Lokasi dan uraian keluhan.'),
  days('UKL-UPL', 'Pemeriksaan UKL-UPL', 10, 'Formulir UKL-UPL dan peta lokasi.'),
];
const social = [
  days('DTSEN', 'Usulan data terpadu sosial ekonomi', 3, identity),
  days('PBI-JK', 'Rekomendasi penerima bantuan iuran JK', 3, identity),
];
const transport = [
  days('KIR', 'Uji berkala kendaraan (KIR)', 1, 'STNK dan buku uji.'),
  days('LAMPU-JALAN', 'Perbaikan lampu penerangan jalan', 3, 'Lokasi dan uraian kerusakan.'),
];
const works = [
  days('JALAN-RUSAK', 'Penanganan laporan jalan rusak', 3, 'Lokasi dan foto.'),
  days('TATA-RUANG', 'Informasi tata ruang', 7, letter),
];
const farming = [
  days('SKKH', 'Surat keterangan kesehatan hewan', 1, identity),
  days('VAKSINASI', 'Vaksinasi ternak', 3, 'Jumlah dan lokasi ternak.'),
];
const fisheries = [
  days('BBM-NELAYAN', 'Rekomendasi BBM nelayan', 1, 'Pas kecil kapal dan identitas nelayan.'),
  days('KUSUKA', 'Kartu pelaku usaha kelautan dan perikanan (KUSUKA)', 3, identity),
];
const trade = [
  days('TERA-ULANG', 'Tera ulang alat ukur', 3, 'Alat ukur dan surat permohonan.'),
  days('UMKM', 'Rekomendasi UMKM', 2, identity),
];
const sharia = [
  days('DAYAH', 'Registrasi dayah', 7, letter),
  days('KEGIATAN', 'Rekomendasi kegiatan keagamaan', 3, letter),
];
const villages = (name: string) => [
  days('KONSULTASI', `Konsultasi ${name}`, 3, letter),
  days('EVALUASI', `Evaluasi ${name}`, 20, 'Rancangan dan berita acara musyawarah.'),
];
const personnel = [
  days('KGB', 'Kenaikan gaji berkala', 5, 'SK terakhir dan predikat kinerja.'),
  days('CUTI', 'Permohonan cuti', 3, 'Formulir cuti yang disetujui atasan langsung.'),
];

function department(
  code: string,
  name: string,
  staff: number,
  services: readonly ServiceSeed[] = [],
  divisions: readonly string[] = ['Program dan Pelaporan', 'Pelayanan'],
): DepartmentSeed {
  const head = name.startsWith('RSUD')
    ? `Direktur ${name}`
    : name === 'Inspektorat'
      ? 'Inspektur'
      : name.startsWith('Sekretariat')
        ? 'Asisten Administrasi Umum'
        : `Kepala ${name}`;
  return { code, name, head, staff, divisions, services: [...services, openness] };
}

export const AGENCIES: readonly AgencySeed[] = [
  {
    name: 'Pemerintah Kota Binjai',
    short: 'binjai',
    timeZone: 'Asia/Jakarta',
    districts: ['Binjai Barat', 'Binjai Kota', 'Binjai Selatan', 'Binjai Timur', 'Binjai Utara'],
    districtStaff: 12,
    departments: [
      department('BKPSDM', 'Badan Kepegawaian dan Pengembangan Sumber Daya Manusia', 30, personnel, [
        'Mutasi dan Promosi',
        'Pengembangan Kompetensi',
        'Penilaian Kinerja',
      ]),
      department('BAPPERIDA', 'Badan Perencanaan Pembangunan, Riset dan Inovasi Daerah', 26),
      department('DPMPTSP', 'Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu', 32, permits, [
        'Penanaman Modal',
        'Perizinan',
      ]),
      department('DISDUKCAPIL', 'Dinas Kependudukan dan Pencatatan Sipil', 40, civilRegistry(1), [
        'Pendaftaran Penduduk',
        'Pencatatan Sipil',
        'Informasi Administrasi Kependudukan',
      ]),
      department('DISDIK', 'Dinas Pendidikan', 90, education, ['Pembinaan PAUD', 'Pembinaan SD', 'Pembinaan SMP']),
      department('DINKES', 'Dinas Kesehatan', 80, health, ['Kesehatan Masyarakat', 'Pelayanan Kesehatan']),
      department('DLH', 'Dinas Lingkungan Hidup', 46, environment, ['Pengelolaan Sampah', 'Penataan Lingkungan']),
      department('DKPP', 'Dinas Ketahanan Pangan dan Pertanian', 34, farming, ['Ketahanan Pangan', 'Peternakan']),
      department('DPUTR', 'Dinas Pekerjaan Umum dan Tata Ruang', 40, works, ['Bina Marga', 'Tata Ruang']),
      department('DISPERKIM', 'Dinas Perumahan dan Kawasan Permukiman', 26),
      department('DISKOMINFO', 'Dinas Komunikasi dan Informatika', 30, [], ['Informatika', 'Komunikasi Publik']),
      department('DISHUB', 'Dinas Perhubungan', 36, transport, ['Lalu Lintas', 'Angkutan']),
      department('SATPOLPP', 'Satuan Polisi Pamong Praja', 40),
      department('BPBD', 'Badan Penanggulangan Bencana Daerah', 24),
      department('RSUD', 'RSUD dr. Djoelham', 90, hospital, ['Pelayanan Medik', 'Keperawatan']),
      department('DINSOS', 'Dinas Sosial', 26, social, ['Rehabilitasi Sosial', 'Perlindungan dan Jaminan Sosial']),
      department('INSPEKTORAT', 'Inspektorat', 24, [], ['Pengawasan Wilayah I', 'Pengawasan Wilayah II']),
    ],
  },
  {
    name: 'Pemerintah Kota Lhokseumawe',
    short: 'lhokseumawe',
    timeZone: 'Asia/Jakarta',
    districts: ['Banda Sakti', 'Blang Mangat', 'Muara Dua', 'Muara Satu'],
    districtStaff: 12,
    departments: [
      department('BKPSDM', 'Badan Kepegawaian dan Pengembangan Sumber Daya Manusia', 26, personnel, [
        'Mutasi dan Promosi',
        'Pengembangan Kompetensi',
      ]),
      department('BAPPEDA', 'Badan Perencanaan Pembangunan Daerah', 24),
      department('DISDIKBUD', 'Dinas Pendidikan dan Kebudayaan', 70, education, ['Pembinaan Sekolah', 'Kebudayaan']),
      department('DINKES', 'Dinas Kesehatan', 60, health, ['Kesehatan Masyarakat', 'Pelayanan Kesehatan']),
      department('DINSOS', 'Dinas Sosial', 22, social),
      department('DPUPR', 'Dinas Pekerjaan Umum dan Penataan Ruang', 32, works, ['Bina Marga', 'Penataan Ruang']),
      department('DLH', 'Dinas Lingkungan Hidup', 32, environment, ['Pengelolaan Sampah', 'Penataan Lingkungan']),
      department('DISPORAPAR', 'Dinas Kepemudaan, Olahraga dan Pariwisata', 20),
      department('PERTANAHAN', 'Dinas Pertanahan', 16),
      department('DKPPP', 'Dinas Kelautan, Perikanan, Pertanian dan Pangan', 34, [...farming, ...fisheries]),
      department('DISPERINDAGKOP', 'Dinas Perindustrian, Perdagangan, Koperasi dan UKM', 28, trade),
      department('DSI', 'Dinas Syariat Islam', 20, sharia),
      department('BPBD', 'Badan Penanggulangan Bencana Daerah', 18),
      department('SATPOLPP-WH', 'Satuan Polisi Pamong Praja dan Wilayatul Hisbah', 34),
      department('DISDUKCAPIL', 'Dinas Kependudukan dan Pencatatan Sipil', 30, civilRegistry(1)),
      department('DPMPTSP', 'Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu', 24, permits),
      department('DPMG', 'Dinas Pemberdayaan Masyarakat dan Gampong', 22, villages('APBG')),
    ],
  },
  {
    name: 'Pemerintah Kabupaten Simeulue',
    short: 'simeulue',
    timeZone: 'Asia/Jakarta',
    districts: [
      'Simeulue Timur',
      'Simeulue Tengah',
      'Simeulue Barat',
      'Simeulue Cut',
      'Teluk Dalam',
      'Salang',
      'Teupah Barat',
      'Teupah Selatan',
      'Teupah Tengah',
      'Alafan',
    ],
    districtStaff: 7,
    departments: [
      department('BKPSDM', 'Badan Kepegawaian dan Pengembangan Sumber Daya Manusia', 18, personnel),
      department('DISDUKCAPIL', 'Dinas Kependudukan dan Pencatatan Sipil', 22, civilRegistry(3)),
      department('DKP', 'Dinas Kelautan dan Perikanan', 20, fisheries),
      department('DISTANPAN', 'Dinas Pertanian dan Pangan', 22, farming),
      department('DPMD', 'Dinas Pemberdayaan Masyarakat dan Desa', 16, villages('APBDes')),
      department('BPKD', 'Badan Pengelolaan Keuangan Daerah', 18),
      department('SETDAKAB', 'Sekretariat Daerah Kabupaten', 24, [], ['Pemerintahan', 'Umum']),
      department('DINKES', 'Dinas Kesehatan', 40, health),
      department('RSUD', 'RSUD Simeulue', 44, hospital, ['Pelayanan Medik', 'Keperawatan']),
      department('DISDIK', 'Dinas Pendidikan', 40, education, ['Pembinaan SD', 'Pembinaan SMP']),
      department('DPUPR', 'Dinas Pekerjaan Umum dan Penataan Ruang', 20, works),
      department('DISHUB', 'Dinas Perhubungan', 16, transport),
      department('DINSOS', 'Dinas Sosial', 14, social),
      department('DPMPTSP', 'Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu', 14, permits),
      department('BPBD', 'Badan Penanggulangan Bencana Daerah', 14),
      department('DSI', 'Dinas Syariat Islam', 12, sharia),
    ],
  },
];
