// What is wrong with the YAML itself, in words of our own: the library's messages quote the source, and
// the source may hold passwords.
import type { YAMLError } from 'yaml';

type SyntaxCode = YAMLError['code'];

const QUOTE = 'put the value in quotes';

const MEANING: Readonly<Partial<Record<SyntaxCode, string>>> = {
  BAD_ALIAS: `* starts an alias here, and no such anchor (&name) comes before; if none is meant, ${QUOTE}`,
  ALIAS_PROPS: `an alias (*name) can't have an anchor or a tag; if none is meant, ${QUOTE}`,
  BAD_DIRECTIVE: '% starts a directive here; put the value in quotes',
  BAD_DQ_ESCAPE:
    'not an escape that "double quotes" know; write \\\\ for a backslash, or use single quotes',
  BAD_INDENT: 'wrong indentation; align the keys of a map with spaces',
  BAD_PROP_ORDER: 'an anchor or tag in the wrong place; put it before the value',
  BAD_SCALAR_START: `a value can't begin with this character; ${QUOTE}`,
  BLOCK_AS_IMPLICIT_KEY: `a map or list in the place of a key; is there a second ": " in the line? ${QUOTE}`,
  BLOCK_IN_FLOW: 'a block inside [ ] or { }; is the bracket not closed?',
  DUPLICATE_KEY: 'the key is given twice; remove one of them',
  KEY_OVER_1024_CHARS: 'a key of more than 1,024 characters; is a quote not closed?',
  MISSING_CHAR: 'a closing quote, bracket, comma or colon is missing',
  MULTILINE_IMPLICIT_KEY: 'a key without value; is a ":" missing after it, or a quote not closed?',
  MULTIPLE_DOCS: 'a second document begins here (---); keep one a file',
  NON_STRING_KEY: 'a key must be text',
  RESOURCE_EXHAUSTION: 'nested too deeply, or too many aliases (*name)',
  TAB_AS_INDENT: 'a tab as indentation; use spaces',
  TAG_RESOLVE_FAILED: 'a tag (!name) that is not known; remove it, or put the value in quotes',
  UNEXPECTED_TOKEN:
    'not expected here; check indentation, quotes and brackets in this line and before',
};

export const syntaxProblem = (code: SyntaxCode): string =>
  `YAML syntax: ${MEANING[code] ?? 'not valid; check this line and the one before'}`;
