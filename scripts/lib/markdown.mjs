// As much Markdown as the checks of the documents need: fenced code, headings and links.

/**
 * @typedef {object} CodeBlock
 * @property {string} lang first word after the fence, in lower case
 * @property {readonly string[]} info the words after it
 * @property {string} code
 * @property {number} line line number of its first line of code, from 1
 *
 * @typedef {object} Heading
 * @property {number} level
 * @property {string} text
 * @property {string} slug anchor as GitHub makes it
 *
 * @typedef {object} Link
 * @property {string} target
 * @property {number} line
 *
 * @typedef {object} Document
 * @property {CodeBlock[]} blocks
 * @property {Heading[]} headings
 * @property {Link[]} links
 */

const linkPatterns = [
  /\[(?:[^\][]|\[[^\]]*\])*\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g,
  /^\s{0,3}\[[^\]^][^\]]*\]:\s*<?([^\s>]+)/g,
  /<(?:a|img)\b[^>]*?\b(?:href|src)="([^"]+)"/g,
];

/**
 * @param {string} text
 * @returns {Document}
 */
export function parseMarkdown(text) {
  /** @type {Document} */
  const document = { blocks: [], headings: [], links: [] };
  /** @type {Map<string, number>} */
  const slugs = new Map();
  /** @type {{ fence: string, indent: number, block: CodeBlock, lines: string[] } | undefined} */
  let open;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const fence = /^(\s*)(`{3,}|~{3,})\s*(.*)$/.exec(line);
    if (open !== undefined) {
      if (fence?.[2]?.startsWith(open.fence) && fence[3] === "") {
        open.block.code = `${open.lines.join("\n")}\n`;
        document.blocks.push(open.block);
        open = undefined;
      } else {
        open.lines.push(line.slice(Math.min(open.indent, line.length - line.trimStart().length)));
      }
    } else if (fence) {
      const [lang = "", ...info] = (fence[3] ?? "").trim().split(/\s+/);
      const block = { lang: lang.toLowerCase(), info, code: "", line: index + 2 };
      open = { fence: fence[2] ?? "", indent: fence[1]?.length ?? 0, block, lines: [] };
    } else {
      readProse(document, slugs, line, index + 1);
    }
  }
  return document;
}

/**
 * @param {Document} document
 * @param {Map<string, number>} slugs how often each slug was used
 * @param {string} line
 * @param {number} number
 */
function readProse(document, slugs, line, number) {
  const heading = /^(#{1,6})\s+(.*?)\s*#*\s*$/.exec(line);
  if (heading) {
    const text = heading[2] ?? "";
    const slug = slugOf(text);
    const used = slugs.get(slug) ?? 0;
    slugs.set(slug, used + 1);
    const unique = used === 0 ? slug : `${slug}-${used}`;
    document.headings.push({ level: heading[1]?.length ?? 0, text, slug: unique });
  }
  const prose = line.replaceAll(/`[^`]*`/g, "``");
  for (const pattern of linkPatterns) {
    for (const [, target] of prose.matchAll(pattern)) {
      if (target !== undefined) document.links.push({ target, line: number });
    }
  }
}

/**
 * @param {string} heading
 * @returns {string}
 */
export function slugOf(heading) {
  return heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "")
    .replaceAll(" ", "-");
}

/**
 * Where two translations differ that must have the same shape. Diagrams hold words, so only their place counts.
 * @param {Document} one
 * @param {Document} other
 * @returns {string[]}
 */
export function shapeDifferences(one, other) {
  const differences = [];
  if (levels(one) !== levels(other)) {
    differences.push(`headings differ: levels ${levels(one)} and ${levels(other)}`);
  }
  for (let i = 0; i < Math.max(one.blocks.length, other.blocks.length); i++) {
    const [a, b] = [one.blocks[i], other.blocks[i]];
    const same = a?.lang === b?.lang && (a?.code === b?.code || a?.lang === "mermaid");
    if (!same) {
      differences.push(
        `code block ${i + 1} differs (lines ${a?.line ?? "-"} and ${b?.line ?? "-"})`,
      );
    }
  }
  return differences;
}

/** @param {Document} document */
function levels(document) {
  return document.headings.map(({ level }) => level).join();
}
