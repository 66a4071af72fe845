/** The kill switch outside the store: an SSM parameter, a file, or the worker's environment. "off" in any of them wins. */
export interface AutopilotSwitch {
  read(): Promise<"on" | "off" | "unknown">;
}
