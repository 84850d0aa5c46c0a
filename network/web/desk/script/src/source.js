/* A text and its document: what nobody touched is written as it was read, byte for byte. */
import { read, schema, write } from './markdown.js';

const BLANK = /^\s*$/;
const SIGN = /^ {0,3}(?:([-*+])|[0-9]{1,9}([.)]))(?:\s|$)/;

export class Source {
  /* Raises what the parser raises; whoever calls leaves the text area as it is. */
  constructor(text) {
    const { doc, lines, blocks } = read(text);
    const isEmpty = doc.childCount === 1 && doc.firstChild.content.size === 0 && blocks === null;
    if (!blocks && !isEmpty) throw new Error('not every block has its lines');
    this.text = text;
    this.doc = doc;
    this.lines = lines;
    this.blocks = blocks || [];
    this.at = new Map(this.blocks.map((_block, number) => [doc.child(number), number]));
  }

  /* The text of a document that was made of this one. */
  write(doc) {
    if (doc === this.doc || doc.eq(this.doc)) return this.text;
    const pieces = this.#pieces(doc).filter((piece) => piece.text !== '' || piece.number !== null);
    if (!pieces.length) return '';
    const kept = new Set(pieces.map((piece) => piece.number));
    let out = pieces[0].number === 0 ? this.#between(0, this.blocks[0].from) : '';
    pieces.forEach((piece, each) => {
      const before = pieces[each - 1];
      const follows = before && before.number !== null && piece.number === before.number + 1;
      if (follows) out += `\n${this.#between(this.blocks[before.number].to, this.blocks[piece.number].from)}`;
      else if (before) out += '\n\n';
      out += piece.text;
    });
    const last = this.blocks.length - 1;
    const end = pieces[pieces.length - 1].number === last && last >= 0 ? this.lines.slice(this.blocks[last].to) : null;
    if (end && end.length) out += `\n${end.join('\n')}`;
    const lost = this.#definitions(kept, pieces);
    return lost.length ? `${out.replace(/\n*$/, '')}\n\n${lost.join('\n')}` : out;
  }

  /* Each block with its text, and the number of the block that it is here, or null. */
  #pieces(doc) {
    const free = new Map();
    const used = new Set();
    doc.forEach((node) => { if (this.at.has(node)) used.add(this.at.get(node)); });
    this.blocks.forEach((_block, number) => {
      const words = this.doc.child(number).textContent;
      if (!used.has(number)) free.set(words, [...(free.get(words) || []), number]);
    });
    const taken = new Set();
    const pieces = [];
    doc.forEach((node) => {
      let number = this.at.get(node);
      if (number === undefined || taken.has(number)) number = this.#same(node, free.get(node.textContent));
      if (number !== undefined) taken.add(number);
      const above = pieces[pieces.length - 1];
      pieces.push(number === undefined
        ? { text: write(node, above ? above.sign : null), number: null, sign: null }
        : { text: this.#between(this.blocks[number].from, this.blocks[number].to).slice(0, -1), number, sign: null });
      const piece = pieces[pieces.length - 1];
      const sign = SIGN.exec(piece.text);
      if (sign && (node.type === schema.nodes.bullet_list || node.type === schema.nodes.ordered_list)) {
        piece.sign = { type: node.type, sign: sign[1] || sign[2] };
      }
    });
    return pieces;
  }

  /* A block that was changed and changed back. */
  #same(node, numbers) {
    const found = (numbers || []).findIndex((number) => this.doc.child(number).eq(node));
    return found < 0 ? undefined : numbers.splice(found, 1)[0];
  }

  #between(from, to) {
    return this.lines.slice(from, to).map((line) => `${line}\n`).join('');
  }

  /* Definitions of links, which are no blocks: those that stood where a block is gone or new. */
  #definitions(kept, pieces) {
    const starts = [0, ...this.blocks.map((block) => block.to)];
    const ends = [...this.blocks.map((block) => block.from), this.lines.length];
    const order = pieces.map((piece) => piece.number);
    return starts.flatMap((start, gap) => {
      const before = gap - 1;
      const shown = gap === 0 ? order[0] === 0
        : gap === this.blocks.length ? order[order.length - 1] === before
          : kept.has(before) && order[order.indexOf(before) + 1] === gap;
      return shown ? [] : this.lines.slice(start, ends[gap]).filter((line) => !BLANK.test(line));
    });
  }
}
