// Icons: our own strokes on a 20 px grid, hidden from screen readers; the words
// beside them say what they mean.

const strokes = {
  overview: 'M3 16V9M8 16V4M13 16v-5M18 16V7',
  sessions: 'M3 5h14M3 10h14M3 15h9',
  settings: 'M3 6h8M15 6h2M3 14h2M9 14h8M13 4v4M7 12v4',
  install: 'M7 6l-4 4 4 4M13 6l4 4-4 4',
  projects: 'M3 4h6v6H3zM11 4h6v6h-6zM3 12h6v4H3zM11 12h6v4h-6z',
  users: 'M8 9a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2 17c0-3 3-5 6-5s6 2 6 5M13 3.5a3 3 0 0 1 0 5M15.500 12.500c1.500.8 2.500 2.300 2.500 4.500',
  audit: 'M5 3h10v14H5zM8 7h4M8 10h4M8 13h2',
  account: 'M10 10a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM3 17c0-3 3-5 7-5s7 2 7 5',
  out: 'M8 4H4v12h4M9 10h8M14 7l3 3-3 3',
  theme: 'M10 3a7 7 0 1 0 0 14zM10 3a7 7 0 0 1 0 14',
  menu: 'M3 5h14M3 10h14M3 15h14',
  close: 'M5 5l10 10M15 5L5 15',
  copy: 'M7 7h9v10H7zM4 13V3h9',
  download: 'M10 3v9M6 9l4 4 4-4M4 17h12',
  play: 'M6 4l10 6-10 6z',
  pause: 'M7 4v12M13 4v12',
  next: 'M5 4l7 6-7 6zM15 4v12',
  previous: 'M15 4l-7 6 7 6zM5 4v12',
  back: 'M9 6l-4 4 4 4M5 10h7a4 4 0 0 1 0 8',
  forward: 'M11 6l4 4-4 4M15 10H8a4 4 0 0 0 0 8',
  full: 'M3 8V3h5M17 8V3h-5M3 12v5h5M17 12v5h-5',
  link: 'M8 12l4-4M7 9l-2 2a3 3 0 0 0 4 4l2-2M13 11l2-2a3 3 0 0 0-4-4L9 7',
  page: 'M5 3h7l3 3v11H5zM12 3v3h3',
  click: 'M6 3l9 7-4 1 3 5-2 1-3-5-3 3z',
  input: 'M3 6h14v8H3zM6 8.500v3',
  submit: 'M3 10l14-6-4 13-3-5z',
  custom: 'M10 3l2 5h5l-4 3 2 6-5-4-5 4 2-6-4-3h5z',
  error: 'M10 3l8 14H2zM10 8v4M10 14.200v.3',
  leave: 'M12 4h4v12h-4M3 10h9M9 7l3 3-3 3',
  desktop: 'M3 4h14v9H3zM7 17h6M10 13v4',
  mobile: 'M6 2.500h8v15H6zM9 15h2',
  tablet: 'M4 3h12v14H4zM9 15h2',
  search: 'M9 15A6 6 0 1 0 9 3a6 6 0 0 0 0 12zM13.500 13.500L17 17',
  check: 'M4 10l4 4 8-9',
  external: 'M8 4H4v12h12v-4M11 3h6v6M17 3l-8 8',
}

export type IconName = keyof typeof strokes

/** Icon draws one of the strokes in the text's colour. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  const solid = name === 'play' || name === 'next' || name === 'previous'
  return (
    <svg width={size} height={size} viewBox="0 0 20 20" fill={solid ? 'currentColor' : 'none'} stroke="currentColor" stroke-width={name === 'pause' ? 3 : 1.6} stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      <path d={strokes[name]} />
    </svg>
  )
}

/** Mark is Footpath's sign: a waymark, three steps uphill on a disc. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 28 28" aria-hidden="true">
      <circle cx="14" cy="14" r="14" fill="#ffd21f" />
      <path d="M7 20.500l4-3.500M12.500 15.800l3-2.600M17 12l4-3.500" stroke="#10231b" stroke-width="3.200" stroke-linecap="round" fill="none" />
      <path d="M16.500 7.500h5v5" stroke="#10231b" stroke-width="2.400" stroke-linecap="round" stroke-linejoin="round" fill="none" />
    </svg>
  )
}
