import { anyTemplate, type ChatTemplate } from "./chat-template.ts";

/** A chat request as far as its length goes, in the shape of the OpenAI API. */
export interface ChatPrompt {
  messages: readonly ChatMessage[];
  tools?: readonly unknown[] | null | undefined;
}

export interface ChatMessage {
  role: string;
  content?: string | readonly (string | ChatContentPart)[] | null | undefined;
  tool_calls?: readonly unknown[] | null | undefined;
}

/** A text, or something that is attached: an image, a sound, a video. */
export interface ChatContentPart {
  type?: string | null | undefined;
  text?: string | null | undefined;
  thinking?: string | null | undefined;
  refusal?: string | null | undefined;
  image_url?: unknown;
}

export interface ChatParts {
  /** What is to be counted. */
  texts: string[];
  /** Tokens that are known without counting: the template's, and a guess for each attachment. */
  otherTokens: number;
}

/** From 256 to 1600, by model and size. */
const tokensPerAttachment = 500;
/** What an image takes whose `detail` is "low". */
const tokensPerSmallImage = 85;

/** What the prompt of a chat is made of. */
export function chatParts({ messages, tools }: ChatPrompt, template: ChatTemplate = anyTemplate): ChatParts {
  const texts: string[] = [];
  let otherTokens = template.perMessage * messages.length + template.fixed;
  if (!messages.some(({ role }) => role === "system" || role === "developer")) {
    otherTokens += template.withoutSystem;
  }
  if (tools && tools.length > 0) {
    otherTokens += template.withTools;
  }
  for (const part of messages.flatMap(partsOf)) {
    const text = textOf(part);
    if (text === undefined) {
      otherTokens += attachmentTokens(part);
    } else {
      texts.push(text);
    }
  }
  const definitions = [...messages.flatMap(({ tool_calls: calls }) => calls ?? []), ...(tools ?? [])];
  return { texts: [...texts, ...definitions.map(jsonOf)], otherTokens };
}

const partsOf = ({ content }: ChatMessage): readonly (string | ChatContentPart)[] =>
  content === undefined || content === null ? [] : typeof content === "string" ? [content] : content;

/** Undefined for an attachment. */
const textOf = (part: string | ChatContentPart): string | undefined =>
  typeof part === "string" ? part : (part.text ?? part.thinking ?? part.refusal ?? undefined);

function attachmentTokens(part: string | ChatContentPart): number {
  const image = typeof part === "string" ? undefined : part.image_url;
  const isSmall = typeof image === "object" && image !== null && "detail" in image && image.detail === "low";
  return isSmall ? tokensPerSmallImage : tokensPerAttachment;
}

/** Nesting beyond what the stack holds makes JSON fail; it is then no text to speak of. */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    return "";
  }
}
