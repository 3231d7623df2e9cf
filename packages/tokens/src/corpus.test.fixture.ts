/** Texts of many kinds, of some 10 KB each and always the same, on which counts are compared. */
export const corpus: Readonly<Record<string, string>> = {
  prose: compose(
    [
      "The ferry left the island at half past six, an hour later than the timetable promised.",
      "“I don't think we've met,” she said, and didn't wait for an answer; it wasn't the first time.",
      "Nobody knew who'd painted the lighthouse green – not the keeper, not the council, not even Mr. O'Neill.",
      "In 1887 the harbour froze over twice, once in January and again, to everyone's surprise, in late April.",
      "They'll come back when the apples are ripe: they always do.\n\n",
      "Whoever wrote to the magistrate's office must have known about the tunnel (and about its second door).",
      "\tIt rained.   It rained harder.  Then, suddenly, it STOPPED!!!\n",
    ],
    10_000,
  ),
  code: compose(
    [
      "export function clamp(value: number, low: number, high: number): number {\n  return Math.min(Math.max(value, low), high);\n}\n\n",
      'def parse_line(line: str) -> dict[str, int]:\n    """Reads `name=count` pairs."""\n    return {k: int(v) for k, v in (p.split("=") for p in line.split())}\n\n\n',
      '\tif err := json.NewDecoder(r.Body).Decode(&in); err != nil {\n\t\thttp.Error(w, "bad request", 400)\n\t\treturn\n\t}\n',
      "SELECT o.id, SUM(l.price * l.amount) AS total\n  FROM orders o\n  JOIN order_lines l ON l.order_id = o.id\n WHERE o.created_at >= '2024-01-01'\n GROUP BY o.id;\n",
      "fn is_prime(n: u64) -> bool {\n    n > 1 && (2..).take_while(|d| d * d <= n).all(|d| n % d != 0)\n}\n\n// path: ./src/lib.rs\n",
      '<section class="card">\n        <h2 data-id="x-42">Title</h2>\n        <p>Some&nbsp;text</p>\n</section>\n/* end */\n',
    ],
    12_000,
  ),
  JSON: JSON.stringify(
    Array.from({ length: 70 }, (_, id) => ({
      id,
      name: `item-${id * 7919}`,
      price: Math.round(((id * 104_729) % 9973) * 1.37) / 100,
      tags: ["new", "sale", `t${id % 9}`],
      nested: { ok: id % 2 === 0, note: id % 3 === 0 ? null : 'say "hi"\n' },
    })),
  ),
  "JSON, indented": JSON.stringify(
    Array.from({ length: 60 }, (_, id) => ({ id, position: { x: id * 0.5, y: -id }, label: `node ${id}` })),
    undefined,
    4,
  ),
  numbers: compose(["3.14159265358979", "1,234,567.89", "2024-11-05T13:45:07Z", "0x1f3a", "42", "-7e-12", "999"], 8000),
  "one long number": Array.from({ length: 1500 }, (_, index) => (index * 7919) % 10).join(""),
  base64: Buffer.from(Array.from({ length: 6000 }, (_, index) => (index * index * 31 + index * 7) % 251)).toString(
    "base64",
  ),
  Chinese: compose(
    [
      "港口的管理员有两本账簿，一本记录已经到港的船只，另一本记录还没有到的船只。",
      "昨天晚上下了一场大雪，今天早上孩子们都在院子里堆雪人！",
      "“你吃过饭了吗？”老王问道，“没有的话，我们一起去吧。”",
      "这个算法的时间复杂度是O(n log n)，空间复杂度是O(1)。",
      "2024年第3季度的销售额同比增长了12.5%；",
      "山上有一座古老的寺庙，寺庙里住着一位会下棋的和尚。\n",
    ],
    4000,
  ),
  Japanese: compose(
    [
      "港の管理人は二冊の帳簿を持っていて、静かな夜にはそれを見比べていた。",
      "「明日は早いから、もう寝なさい」と母が言った。",
      "コンピューターのメモリーが足りないので、プログラムが止まってしまいました。",
      "電車は８時１５分に出発する予定でしたが、雪のために遅れています。\n",
      "カタカナとひらがなと漢字が混ざった文章です！",
    ],
    4000,
  ),
  Korean: compose(
    [
      "항구 관리인은 두 권의 장부를 가지고 있었다. ",
      "내일 아침 일찍 출발해야 하니까 오늘은 일찍 자자. ",
      "서울의 겨울은 춥지만, 눈이 오면 아름답습니다! ",
      "가격은 3,500원입니다.\n",
    ],
    4000,
  ),
  Arabic: compose(
    [
      "كان لحارس الميناء دفتران، أحدهما للسفن التي وصلت والآخر للسفن المنتظرة.",
      "هل تناولتَ طعامَ الغداءِ اليومَ؟",
      "في عام ٢٠٢٤ ارتفعت المبيعات بنسبة ١٢٪.",
      "قالت الأم لأطفالها: «لا تنسوا كتبكم!»\n",
    ],
    6000,
  ),
  Hindi: compose(
    [
      "बंदरगाह के रखवाले के पास दो बही-खाते थे, एक आए हुए जहाज़ों का और दूसरा आने वाले जहाज़ों का।",
      "क्या आपने आज खाना खाया?",
      "कल रात बहुत बारिश हुई, इसलिए सड़कें गीली हैं।",
      "सन् २०२४ में बिक्री 12.5% बढ़ी।\n",
    ],
    6000,
  ),
  Thai: compose(
    ["ผู้ดูแลท่าเรือมีสมุดบัญชีสองเล่ม", "เมื่อคืนฝนตกหนักมาก ถนนจึงเปียก", "วันนี้คุณทานข้าวแล้วหรือยัง?", "ราคา 3,500 บาท (ลด 10%)\n"],
    6000,
  ),
  Russian: compose(
    [
      "У смотрителя порта было две книги: одна для пришедших кораблей, другая для ожидаемых.",
      "«Ты уже обедал?» – спросил он.",
      "В 2024 году продажи выросли на 12,5 %.\n",
      "Ночью шёл снег, и к утру всё побелело…",
    ],
    6000,
  ),
  emoji: compose(
    ["👩‍🚀 to the 🌕!", "🎉🎉🎉 well done 👏🏽👏🏽", "❤️‍🔥", "🇫🇷🇯🇵🇧🇷", "ok 👍", "¯\\_(ツ)_/¯", "🧑‍🤝‍🧑 meet\n"],
    6000,
  ),
  "accents apart": compose(
    ["Le café est à côté de l'église.", "Ångström, naïve, façade;", "Tiếng Việt có nhiều dấu.", "mañana\n"],
    6000,
  ).normalize("NFD"),
  "control characters": compose(
    [
      "a\u0000b",
      "\u0007\u0007 bell",
      "\u001b[31mred\u001b[0m",
      "line\r\nline\r\n",
      "\u200b\u200bzero",
      "x\u00a0y",
      "\u007f",
    ],
    4000,
  ),
  "white space": compose(
    ["a", "  two", "   three", "\n\n\nlines", "\t\ttabs", " \n \n mixed", "end.\n", "\r\n  x"],
    6000,
  ),
  "special tokens": compose(
    [
      "<|im_start|>user\nHello<|im_end|>\n",
      "<|start_header_id|>system<|end_header_id|>\n\nBe kind.<|eot_id|>",
      "text <|endoftext|> more <|begin_of_text|>",
      '<tool_call>{"name": "f"}</tool_call>',
      "<|fim_prefix|>a<|fim_suffix|>b<|fim_middle|>",
      "<|not_a_token|> <|im_start <|<|eot_id|>|>",
      "a long sentence in between, so that a piece may end anywhere near a token;",
      "<|reserved_special_token_7|><|vision_start|><|image_pad|><|vision_end|>",
    ],
    12_000,
  ),
};

/** Parts in an order that looks like chance, with and without spaces between. */
function compose(parts: readonly string[], characters: number): string {
  let text = "";
  let state = 12_345;
  while (text.length < characters) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    const choice = Math.floor(state / 65_536);
    text += `${parts[choice % parts.length]}${choice % 11 === 0 ? "" : " "}`;
  }
  return text;
}
