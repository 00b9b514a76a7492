// A time series by day: uPlot on a canvas, with its table as the equal of it.

import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { theme } from '../lib/app'
import { count, dayName } from '../lib/format'
import { useMedia } from '../lib/load'

/** Line is one measure; values below 0 are not shown (fewer than k). */
export interface Line {
  label: string
  color: string // name of a custom property
  values: number[]
  dashed?: boolean
}

interface SeriesProps {
  days: string[]
  lines: Line[]
  label: string
  height?: number
}

const css = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

function tooltip(box: HTMLDivElement, days: string[], lines: Line[]): uPlot.Plugin {
  return {
    hooks: {
      setCursor: (u) => {
        const i = u.cursor.idx
        if (i === null || i === undefined || (u.cursor.left ?? -1) < 0) {
          box.hidden = true
          return
        }
        box.hidden = false
        box.textContent = ''
        const head = document.createElement('strong')
        head.textContent = dayName(days[i] ?? '')
        box.append(head)
        for (const line of lines) {
          const value = line.values[i] ?? 0
          const row = document.createElement('span')
          row.textContent = `${line.label}: ${value < 0 ? 'fewer than 20' : count(value)}`
          box.append(row)
        }
        const left = u.valToPos(u.data[0]![i]!, 'x')
        const width = u.over.clientWidth
        box.style.left = left > width / 2 ? '' : `${left + u.over.offsetLeft + 12}px`
        box.style.right = left > width / 2 ? `${width - left + 28}px` : ''
      },
    },
  }
}

function options(props: SeriesProps, width: number, box: HTMLDivElement): uPlot.Options {
  const ink = css('--muted')
  const axis = { stroke: ink, grid: { stroke: css('--grid'), width: 1 }, ticks: { show: false }, font: `12px ${css('--font')}` }
  const last = props.days.length - 1
  return {
    width,
    height: props.height ?? 260,
    padding: [12, 16, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 9 } },
    scales: { x: { time: false, range: () => (last < 1 ? [-1, 1] : [0, last]) }, y: { range: (_u, _min, max) => [0, Math.max(4, max * 1.08)] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 32,
        space: 72,
        incrs: [1, 2, 7, 14, 28, 56, 112],
        values: (_u, splits) => splits.map((i) => (Number.isInteger(i) && props.days[i] ? dayName(props.days[i]!).replace(/^\w+ /, '') : '')),
      },
      { ...axis, size: 56, space: 44, incrs: [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 2500, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000], values: (_u, splits) => splits.map((v) => count(v)) },
    ],
    series: [
      {},
      ...props.lines.map((line, n) => ({
        label: line.label,
        stroke: css(line.color),
        width: 2,
        ...(line.dashed ? { dash: [6, 4] } : {}),
        ...(n === 0 ? { fill: `${css(line.color)}1f` } : {}),
        points: { show: props.days.length <= 31, size: 5, fill: css('--surface') },
        spanGaps: false,
      })),
    ],
    plugins: [tooltip(box, props.days, props.lines)],
  }
}

/** Series draws the lines; screen readers get the label and the table beside it. */
export function Series(props: SeriesProps) {
  const frame = useRef<HTMLDivElement>(null)
  const box = useRef<HTMLDivElement>(null)
  const dark = useMedia('(prefers-color-scheme: dark)')
  const shape = JSON.stringify([props.days, props.lines, props.height])
  useEffect(() => {
    const node = frame.current!
    const data: uPlot.AlignedData = [props.days.map((_d, i) => i), ...props.lines.map((l) => l.values.map((v) => (v < 0 ? null : v)))]
    const plot = new uPlot(options(props, node.clientWidth, box.current!), data, node)
    const watch = new ResizeObserver(() => plot.setSize({ width: node.clientWidth, height: props.height ?? 260 }))
    watch.observe(node)
    return () => {
      watch.disconnect()
      plot.destroy()
    }
  }, [shape, dark, theme.value])
  return (
    <div class="series">
      <div class="series-plot" ref={frame} role="img" aria-label={props.label} style={{ minHeight: `${props.height ?? 260}px` }} />
      <div class="series-tip" ref={box} hidden aria-hidden="true" />
    </div>
  )
}
