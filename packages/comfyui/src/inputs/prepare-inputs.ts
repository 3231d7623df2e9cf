import type { ComfyHttp } from "../comfy/comfy-http.ts";
import { JobError } from "../jobs/job-error.ts";
import { mapInLanes } from "../map-in-lanes.ts";
import { describeUrl } from "../net/describe-url.ts";
import { FetchError } from "../net/fetch-error.ts";
import type { Workflow } from "../workflow.ts";
import { contentName } from "./content-name.ts";
import { isDataUri } from "./decode-file.ts";
import { InputFault } from "./input-fault.ts";
import { mapInputs, type Place } from "./map-inputs.ts";
import { isWebUrl, type ReadFilePolicy, readInputFile } from "./read-input-file.ts";
import type { InputFile } from "./request-fields.ts";

export interface PrepareInputsOptions extends ReadFilePolicy {
  comfy: Pick<ComfyHttp, "upload">;
  /** Files by the names by which the workflow's inputs call them. */
  files: Readonly<Record<string, InputFile>>;
  /** The most files a job may have. */
  maxFiles: number;
  signal: AbortSignal;
}

const filesAtOnce = 4;

/**
 * A copy of a workflow in which each URL, data URI and name of one of `files` is the name of a file that ComfyUI now has.
 * Images, audio and video alike. Throws JobError `invalid_input` that names the node and its input, and the reason.
 */
export async function prepareInputs(workflow: Workflow, options: PrepareInputsOptions): Promise<Workflow> {
  const { comfy, files, maxFiles, signal } = options;
  const texts = findFiles(workflow, files);
  checkUse(files, texts);
  if (texts.size > maxFiles) {
    throw invalidInput(`the workflow names ${texts.size} files; at most ${maxFiles} are allowed`);
  }
  // A file that several texts stand for is had once.
  const uses = new Map([...texts.values()].map((use) => [use.file, use]));
  const names = new Map<InputFile, string>();
  const load = async ({ file, place }: FileUse, stop: AbortSignal): Promise<void> => {
    try {
      const { bytes, name } = await readInputFile(file, options, stop);
      const upload = { name: await contentName(bytes, name), content: new Blob([new Uint8Array(bytes)]) };
      names.set(file, await comfy.upload(upload, stop));
    } catch (error) {
      throw faultOf(error, { file, place });
    }
  };
  await mapInLanes([...uses.values()], { lanes: filesAtOnce, signal, work: load });
  return mapInputs(workflow, (text) => {
    const use = texts.get(text);
    return use === undefined ? text : names.get(use.file);
  });
}

/** A file and the first place where it is named. */
interface FileUse {
  file: InputFile;
  place: Place;
}

/** The files that a workflow names, by the texts that name them. */
function findFiles(workflow: Workflow, files: Readonly<Record<string, InputFile>>): Map<string, FileUse> {
  const uses = new Map<string, FileUse>();
  mapInputs(workflow, (text, place) => {
    const given = Object.hasOwn(files, text) ? files[text] : undefined;
    const file = given ?? (isWebUrl(text) || isDataUri(text) ? text : undefined);
    if (file !== undefined && !uses.has(text)) {
      uses.set(text, { file, place });
    }
    return text;
  });
  return uses;
}

function checkUse(files: Readonly<Record<string, InputFile>>, texts: ReadonlyMap<string, FileUse>): void {
  const unused = Object.keys(files).filter((name) => !texts.has(name));
  if (unused.length > 0) {
    throw invalidInput(`files that no input of the workflow names: ${unused.join(", ")}`);
  }
}

/** What is wrong with a file as a fault of the job; what is not the client's doing stays as it is. */
function faultOf(error: unknown, { file, place }: FileUse): unknown {
  const isClients =
    error instanceof InputFault ||
    error instanceof FetchError ||
    (error instanceof JobError && error.fault.type === "invalid_input");
  if (!isClients) {
    return error;
  }
  const { field, node, nodeId } = place;
  const { _meta, class_type } = node;
  const message = `${describeFile(file)}: ${error.message}`;
  return new JobError(
    {
      type: "invalid_input",
      message: `node ${nodeId} (${class_type}), input ${field}: ${message}`,
      ...{ node_id: nodeId, node_type: class_type },
      nodes: [
        {
          ...{ node_id: nodeId, class_type, field, type: "file_unavailable", message },
          ...(_meta?.title === undefined ? {} : { title: _meta.title }),
        },
      ],
    },
    { cause: error },
  );
}

function describeFile(file: InputFile): string {
  if (typeof file !== "string") {
    return `the file ${file.filename}`;
  }
  return isWebUrl(file) ? describeUrl(file) : "the encoded file";
}

const invalidInput = (message: string): JobError => new JobError({ type: "invalid_input", message });
