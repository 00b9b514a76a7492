// Fields: nothing of the value, only whether there is one and whether it is valid.
import type { TextContext, TextRule } from './text.ts';

/** FIELD is the element that stands for every field in a recording. */
export const FIELD = 'fp-field';

const TYPES = /^(button|checkbox|color|date|datetime-local|email|file|hidden|image|month|number|password|radio|range|reset|search|submit|tel|text|time|url|week)$/;

/** fieldType names the kind of a field: an input's type, textarea, select or editable. */
export function fieldType(el: Element): string {
  const tag = el.localName;
  if (tag === 'textarea' || tag === 'select') return tag;
  if (tag !== 'input') return 'editable';
  const type = (el.getAttribute('type') || 'text').toLowerCase();
  return TYPES.test(type) ? type : 'text';
}

/** fieldFacts gives the attributes that stand for a field's state; their size is the same for every value. */
export function fieldFacts(el: Element, text: TextRule, c: TextContext): Record<string, string | null> {
  const type = fieldType(el);
  const input = el as HTMLInputElement;
  const facts: Record<string, string | null> = {
    'data-fp-type': type, 'data-fp-filled': null, 'data-fp-valid': null, 'data-fp-checked': null, 'data-fp-label': null,
  };
  if (/^(submit|button|reset|image)$/.test(type)) {
    const label = type === 'image' ? input.alt : input.getAttribute('value') ?? { submit: 'Submit', reset: 'Reset' }[type] ?? '';
    facts['data-fp-label'] = text(label, c);
  } else if (/^(checkbox|radio)$/.test(type)) {
    facts['data-fp-checked'] = input.checked ? '1' : '0';
  } else {
    facts['data-fp-filled'] = (type === 'editable' ? /\S/.test(el.textContent || '') : !!input.value) ? '1' : '0';
  }
  if (input.willValidate) facts['data-fp-valid'] = input.validity.valid ? '1' : '0';
  return facts;
}
