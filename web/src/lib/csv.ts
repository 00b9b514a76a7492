// CSV as RFC 4180 has it. A cell that a spreadsheet would take for a formula gets
// an apostrophe in front: titles and addresses come from strangers.

const cell = (value: string | number): string => {
  let text = String(value)
  if (typeof value === 'string' && /^[=+\-@\t\r]/.test(text)) text = `'${text}`
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** csv joins rows of cells, the first being the headings. */
export const csv = (rows: (string | number)[][]): string => rows.map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n'

/** save offers text or a picture as a file. */
export function save(name: string, content: string | Blob): void {
  const blob = typeof content === 'string' ? new Blob(['\ufeff', content], { type: 'text/csv;charset=utf-8' }) : content
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name.replace(/[^\w.-]+/g, '-')
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
