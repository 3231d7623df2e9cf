import { choice, combo, flag, float, int, integerOf, link, type NodeClass, text } from "./node-class.ts";
import { previewImages, saveAudio, saveImages, saveVideo, saveVideoHelper } from "./save-media.ts";

const side = (from: number) => int({ from, to: 16_384, initial: 512 });
const prefix = (initial: string) => text(initial);
const scaling = ["nearest-exact", "bilinear", "area", "bicubic", "lanczos"];
const fps = (from: number, initial: number) => float({ from, to: 1000, initial });

/** Pictures, films and sounds that need no model. */
export const mediaNodes: Readonly<Record<string, NodeClass>> = {
  EmptyImage: {
    category: "image",
    required: {
      width: side(1),
      height: side(1),
      batch_size: int({ from: 1, to: 4096, initial: 1 }),
      color: int({ from: 0, to: 0xffffff }),
    },
    outputs: ["IMAGE"],
  },
  ImageInvert: {
    category: "image",
    required: { image: link("IMAGE") },
    outputs: ["IMAGE"],
    run: ({ media }) => ({ media: { ...media, color: (media.color ?? 0) ^ 0xffffff } }),
  },
  ImageScale: {
    category: "image/upscaling",
    required: {
      image: link("IMAGE"),
      upscale_method: choice(scaling),
      width: side(0),
      height: side(0),
      crop: choice(["disabled", "center"]),
    },
    outputs: ["IMAGE"],
  },
  SaveImage: {
    category: "image",
    required: { images: link("IMAGE"), filename_prefix: prefix("ComfyUI") },
    outputs: [],
    isOutput: true,
    run: saveImages,
  },
  PreviewImage: {
    category: "image",
    required: { images: link("IMAGE") },
    outputs: [],
    isOutput: true,
    run: previewImages,
  },
  SaveAnimatedWEBP: {
    category: "image/animation",
    required: {
      images: link("IMAGE"),
      filename_prefix: prefix("ComfyUI"),
      fps: fps(0.01, 6),
      lossless: flag(true),
      quality: int({ from: 0, to: 100, initial: 80 }),
      method: choice(["default", "fastest", "slowest"]),
    },
    outputs: [],
    isOutput: true,
    run: (call) => saveVideo(call, integerOf(call.media.frames, 1) > 1 ? "animatedWebp" : "webp"),
  },
  CreateVideo: {
    category: "image/video",
    required: { images: link("IMAGE"), fps: float({ from: 1, to: 120, initial: 30, step: 1 }) },
    optional: { audio: link("AUDIO") },
    outputs: ["VIDEO"],
  },
  SaveVideo: {
    category: "image/video",
    required: {
      video: link("VIDEO"),
      filename_prefix: prefix("video/ComfyUI"),
      format: combo(["auto", "mp4"]),
      codec: combo(["auto", "h264"]),
    },
    outputs: [],
    isOutput: true,
    run: (call) => saveVideo(call, "mp4"),
  },
  SaveWEBM: {
    category: "image/video",
    required: {
      images: link("IMAGE"),
      filename_prefix: prefix("ComfyUI"),
      codec: combo(["vp9", "av1"]),
      fps: fps(0.01, 24),
      crf: float({ from: 0, to: 63, initial: 32, step: 1 }),
    },
    outputs: [],
    isOutput: true,
    run: (call) => saveVideo(call, "webm"),
  },
  EmptyAudio: {
    category: "audio",
    required: {
      duration: float({ from: 0, to: Number.MAX_SAFE_INTEGER, initial: 60 }),
      sample_rate: int({ from: 1, to: 192_000, initial: 44_100 }),
      channels: int({ from: 1, to: 2, initial: 2 }),
    },
    outputs: ["AUDIO"],
  },
  SaveAudio: {
    category: "audio",
    required: { audio: link("AUDIO"), filename_prefix: prefix("audio/ComfyUI") },
    outputs: [],
    isOutput: true,
    run: (call) => saveAudio(call, "flac"),
  },
  SaveAudioMP3: {
    category: "audio",
    required: {
      audio: link("AUDIO"),
      filename_prefix: prefix("audio/ComfyUI"),
      quality: choice(["V0", "128k", "320k"]),
    },
    outputs: [],
    isOutput: true,
    run: (call) => saveAudio(call, "mp3"),
  },
  SaveAudioOpus: {
    category: "audio",
    required: {
      audio: link("AUDIO"),
      filename_prefix: prefix("audio/ComfyUI"),
      quality: choice(["64k", "96k", "128k", "192k", "320k"]),
    },
    outputs: [],
    isOutput: true,
    run: (call) => saveAudio(call, "opus"),
  },
  VHS_VideoCombine: {
    category: "Video Helper Suite",
    required: {
      images: link("IMAGE"),
      frame_rate: float({ from: 1, to: 1000, initial: 8, step: 1 }),
      loop_count: int({ from: 0, to: 100 }),
      filename_prefix: prefix("AnimateDiff"),
      format: choice(["image/gif", "image/webp", "video/h264-mp4", "video/h265-mp4", "video/webm"]),
      pingpong: flag(false),
      save_output: flag(true),
    },
    optional: { audio: link("AUDIO") },
    outputs: ["VHS_FILENAMES"],
    isOutput: true,
    run: saveVideoHelper,
  },
};
