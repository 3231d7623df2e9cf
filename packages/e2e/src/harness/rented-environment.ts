interface Place {
  port: number;
  internalPort: number;
  engineUrl: string;
}

/** What a rented machine sets for its worker, at an address of this one. */
export const rentedEnvironment = ({ engineUrl, internalPort, port }: Place): Record<string, string> => ({
  WORKER_HOST: "127.0.0.1",
  WORKER_PORT: String(port),
  WORKER_HTTP_PORT: String(internalPort),
  [`VAST_TCP_PORT_${port}`]: String(port),
  PUBLIC_IPADDR: "127.0.0.1",
  CONTAINER_ID: "1",
  REPORT_ADDR: engineUrl,
});
