import type { Requirement } from "./requirement.ts";

const source = "docs/deploying.md";

export const launcherRequirements = [
  {
    id: "launcher/first-start",
    behaviour: "A machine without Node gets Node, the code, one app's packages and a certificate, and serves over TLS",
    source,
  },
  {
    id: "launcher/reboot",
    behaviour: "What an earlier start made is used again: the worker listens within 5 s",
    source,
  },
  { id: "launcher/restarts", behaviour: "Starts a worker again that has ended, with pauses that grow", source },
  { id: "launcher/takes-over", behaviour: "Stops the worker that a killed launcher left behind", source },
  {
    id: "launcher/remains",
    behaviour:
      "What a launcher that was killed at any moment left behind is used where it is whole, and else made anew",
    source,
  },
  { id: "launcher/once", behaviour: "Refuses to start twice in one workspace, without a report", source },
  { id: "launcher/signals", behaviour: "A stop reaches the worker, whose status is the launcher's", source },
  {
    id: "launcher/update",
    behaviour: "The update file brings new code, installed before the worker stops; a failed update changes nothing",
    source,
  },
  {
    id: "launcher/update-beside",
    behaviour: "A worker that ends while an update is made ready is started again; a stop ends the update too",
    source,
  },
  {
    id: "launcher/model-log",
    behaviour: "The model's log of an earlier boot is moved away, one of this boot kept",
    source,
  },
  { id: "launcher/environment", behaviour: "The worker has the launcher's environment; no secret is logged", source },
  { id: "launcher/failures", behaviour: "What goes wrong is reported to the engine by name, and tried again", source },
  { id: "launcher/refusals", behaviour: "What no second try would change is reported, and ends the launcher", source },
  {
    id: "launcher/sources",
    behaviour: "Takes code by repository and ref, by a /tree/ URL, or from a folder of the machine",
    source,
  },
  {
    id: "launcher/poor-machines",
    behaviour: "An image needs no tool that its settings don't call for, and may have an old pip",
    source,
  },
  { id: "launcher/certificate", behaviour: "A certificate is renewed in time, and used to its end", source },
  { id: "launcher/logs", behaviour: "Logs are set aside before they fill the disk", source },
  { id: "launcher/script", behaviour: "Passes shellcheck, and may be piped into bash", source },
] as const satisfies readonly Requirement[];
