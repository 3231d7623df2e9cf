import type { Routes } from "../server/exchange.ts";
import { answerJson, type ComfyuiState, lastPartOf } from "./comfyui-exchange.ts";
import type { FileStore } from "./file-store.ts";
import { checkpoints, diffusionModels, loras, textEncoders, vaes } from "./nodes/loading-nodes.ts";
import type { InputSpec, InputSpecs, NodeClass } from "./nodes/node-class.ts";
import { nodeTable } from "./nodes/node-table.ts";

const models: Readonly<Record<string, readonly string[]>> = {
  checkpoints,
  diffusion_models: diffusionModels,
  loras,
  text_encoders: textEncoders,
  vae: vaes,
};

/** What the server is and knows. */
export const infoRoutes = ({ files, isNewest, maxUploadBytes }: ComfyuiState): Routes => ({
  "GET /system_stats": (exchange) => answerJson(exchange, 200, systemStats(isNewest)),
  "GET /features": (exchange) =>
    answerJson(exchange, 200, { supports_preview_metadata: true, max_upload_size: maxUploadBytes }),
  "GET /embeddings": (exchange) => answerJson(exchange, 200, []),
  "GET /models": (exchange) => answerJson(exchange, 200, Object.keys(models)),
  "GET /models/{folder}": (exchange) => {
    const found = models[lastPartOf(exchange)];
    answerJson(exchange, found === undefined ? 404 : 200, found ?? []);
  },
  "GET /object_info": (exchange) => {
    const all = [...nodeTable].map(([name, nodeClass]) => [name, objectInfo(name, nodeClass, files)]);
    answerJson(exchange, 200, Object.fromEntries(all));
  },
  "GET /object_info/{class}": (exchange) => {
    const name = lastPartOf(exchange);
    const nodeClass = nodeTable.get(name);
    answerJson(exchange, 200, nodeClass === undefined ? {} : { [name]: objectInfo(name, nodeClass, files) });
  },
});

function objectInfo(name: string, nodeClass: NodeClass, files: FileStore): object {
  const { category, fileInput, isOutput = false, optional, outputs, required } = nodeClass;
  const listFiles = (specs: InputSpecs) =>
    Object.fromEntries(
      Object.entries(specs).map(([input, [type, config]]) => [
        input,
        input === fileInput?.name ? withOptions([type, config], files.inputs()) : [type, config],
      ]),
    );
  return {
    input: { required: listFiles(required), ...(optional === undefined ? {} : { optional: listFiles(optional) }) },
    input_order: {
      required: Object.keys(required),
      ...(optional === undefined ? {} : { optional: Object.keys(optional) }),
    },
    output: outputs,
    output_is_list: outputs.map(() => false),
    output_name: outputs,
    name,
    display_name: name,
    description: "",
    python_module: "nodes",
    category,
    output_node: isOutput,
  };
}

/** A choice with the files that are there to choose from. */
const withOptions = ([type, config]: InputSpec, options: readonly string[]): InputSpec =>
  typeof type === "string" ? [type, { ...config, options }] : [options, config];

const gigabyte = 2 ** 30;

const systemStats = (isNewest: boolean) => ({
  system: {
    os: "posix",
    ram_total: 64 * gigabyte,
    ram_free: 48 * gigabyte,
    comfyui_version: isNewest ? "0.38.0" : "0.3.64",
    python_version: "3.12.0 (stand-in)",
    pytorch_version: "2.8.0+stand-in",
    embedded_python: false,
    argv: ["main.py", "--disable-auto-launch", "--port", "18188"],
  },
  devices: [
    {
      name: "cuda:0 stand-in : native",
      type: "cuda",
      index: 0,
      vram_total: 24 * gigabyte,
      vram_free: 20 * gigabyte,
      torch_vram_total: 2 * gigabyte,
      torch_vram_free: gigabyte,
    },
  ],
});
