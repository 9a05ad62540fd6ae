/** Icons of 16 by 16, drawn with lines in the colour of the text. They are decoration: what they mean is written beside them. */

const SHAPES = {
  leads: "M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6Zm-6 6c0-2.8 2.7-4 6-4s6 1.2 6 4",
  conflicts: "M6 12A4.5 4.5 0 1 0 6 3a4.5 4.5 0 0 0 0 9Zm3.5-8.9a4.5 4.5 0 1 1 0 8.8",
  import: "M8 2v8m0 0L5 7m3 3 3-3M2 11v3h12v-3",
  live: "M1 8h3l2-5 4 10 2-5h3",
  scoring: "M2 14V9m4 5V5m4 9V7m4 7V2",
  overview: "M2 2h5v5H2zm7 0h5v3H9zm0 5h5v7H9zM2 9h5v5H2z",
  settings: "M8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4Zm0-8v2m0 8v2m6-6h-2M4 8H2m10.2-4.2-1.4 1.4M5.2 10.8l-1.4 1.4m8.4 0-1.4-1.4M5.2 5.2 3.8 3.8",
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10Zm3.5-1.5L14 14",
  close: "m3 3 10 10M13 3 3 13",
  check: "m2 8.5 4 4 8-9",
  copy: "M5 5V2h9v9h-3M2 5h9v9H2z",
  columns: "M2 2h12v12H2zm4 0v12m4-12v12",
  menu: "M2 4h12M2 8h12M2 12h12",
  down: "m4 6 4 4 4-4",
  up: "m4 10 4-4 4 4",
  right: "m6 4 4 4-4 4",
  left: "m10 4-4 4 4 4",
  undo: "M5 3 2 6l3 3M2 6h7a4 4 0 0 1 0 8H6",
  warning: "M8 2 1.5 14h13zM8 6.5v3.5m0 2v.5",
  info: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12Zm0-7v4m0-6.5V5",
  plus: "M8 2v12M2 8h12",
  trash: "M2 4h12M6 4V2h4v2m-6 0 1 10h6l1-10",
  edit: "m10.5 2.5 3 3L5 14H2v-3z",
  link: "M6.5 9.5a3 3 0 0 0 4.3 0l2.4-2.4a3 3 0 0 0-4.3-4.3M9.5 6.5a3 3 0 0 0-4.3 0L2.8 8.9a3 3 0 0 0 4.3 4.3",
  more: "M3 8h.01M8 8h.01M13 8h.01",
  bell: "M4 11V7a4 4 0 0 1 8 0v4l1.5 1.5h-11zm2.5 3h3",
  play: "M4 2.5v11l9-5.5z",
  filter: "M2 3h12L9.5 8.5V13l-3 1V8.5z",
} as const;

export type IconName = keyof typeof SHAPES;

export const Icon = ({ name }: { name: IconName }) => (
  <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
    <path d={SHAPES[name]} />
  </svg>
);
