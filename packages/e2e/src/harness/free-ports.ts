export { freePorts } from "@pyworker/testing";
