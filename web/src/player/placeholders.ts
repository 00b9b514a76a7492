// How masked things look on the stage. These rules come before the page's own, so
// that a page's rules, also those by tag alone, still decide the size and border of its fields.

/** Rules that are put into every replayed document. */
export const placeholders: string[] = [
  'fp-drop{display:none!important}',
  // Media that is not recorded, as large as it was.
  'fp-box{display:inline-block;vertical-align:middle;background:#d8dcd9;background-image:linear-gradient(45deg,#c9cfcb 25%,transparent 25%,transparent 75%,#c9cfcb 75%);background-size:16px 16px}',
  'fp-field{display:inline-block;box-sizing:border-box;min-width:8em;min-height:1.5em;padding:1px 2px;border:1px solid #767676;background:#fff;color:#222;vertical-align:middle;overflow:hidden;font-size:13.333px;line-height:1.3;text-align:start}',
  'fp-field:where([data-fp-type="textarea"]){min-height:3.5em;min-width:14em}',
  'fp-field:where([data-fp-type="hidden"]){display:none}',
  'fp-field:where([data-fp-type="checkbox"]),fp-field:where([data-fp-type="radio"]){min-width:0;min-height:0;width:13px;height:13px;padding:0;text-align:center;line-height:11px;border-radius:2px}',
  'fp-field:where([data-fp-type="radio"]){border-radius:50%}',
  'fp-field:where([data-fp-type="submit"]),fp-field:where([data-fp-type="button"]),fp-field:where([data-fp-type="reset"]){min-width:0;padding:1px 6px;background:#efefef;text-align:center;border-radius:3px}',
  'fp-field:where([data-fp-type="range"]),fp-field:where([data-fp-type="color"]){background:#e6e6e6}',
  'fp-field[data-fp-label]::before{content:attr(data-fp-label)}',
  // One width for every value: the bar says "filled", never how long.
  'fp-field[data-fp-filled="1"]:not([data-fp-label])::before{content:"";display:inline-block;width:5em;max-width:70%;height:.65em;border-radius:2px;background:currentColor;opacity:.45;vertical-align:middle}',
  'fp-field[data-fp-type="checkbox"]::before,fp-field[data-fp-type="radio"]::before{content:none!important}',
  'fp-field[data-fp-type="checkbox"][data-fp-checked="1"]::before{content:"\\2713"!important;font-size:11px}',
  'fp-field[data-fp-type="radio"][data-fp-checked="1"]::before{content:""!important;display:block;width:7px;height:7px;margin:2px;border-radius:50%;background:currentColor}',
  'fp-field[data-fp-type="select"]::after,fp-field[data-fp-type="select-one"]::after{content:"\\25BE";float:right;margin-left:4px}',
  'img:not([src]),video,audio,canvas,object,embed{background:#d8dcd9;background-image:linear-gradient(45deg,#c9cfcb 25%,transparent 25%,transparent 75%,#c9cfcb 75%)!important;background-size:16px 16px!important;object-fit:none}',
]
