// A strict OCPP 1.6 station by other authors: charges one vehicle at the central system under test.
// Usage: node station.mjs URL IDENTITY
import { RPCClient } from "ocpp-rpc";

const [url, identity] = process.argv.slice(2);
const station = new RPCClient({
  endpoint: url,
  identity,
  protocols: ["ocpp1.6"],
  strictMode: true,
  reconnect: false,
  callTimeoutMs: 5000,
});

let broken = 0;
station.on("strictValidationFailure", ({ error, method }) => {
  broken++;
  console.error("schema broken:", method, error.message);
});

let schedule;
let readBack;
const wasReadBack = new Promise((resolve) => (readBack = resolve));
station.handle("SetChargingProfile", ({ params }) => {
  schedule = params.csChargingProfiles.chargingSchedule;
  return { status: "Accepted" };
});
station.handle("GetCompositeSchedule", ({ params }) => {
  readBack();
  return { status: "Accepted", connectorId: params.connectorId, scheduleStart: schedule.startSchedule, chargingSchedule: schedule };
});

const now = () => new Date().toISOString();
await station.connect();
const boot = await station.call("BootNotification", { chargePointVendor: "peer", chargePointModel: "strict" });
if (boot.status !== "Accepted") throw new Error(`boot ended with ${boot.status}`);
await station.call("StatusNotification", { connectorId: 1, errorCode: "NoError", status: "Preparing" });
const { idTagInfo } = await station.call("Authorize", { idTag: "04A1B2" });
if (idTagInfo.status !== "Accepted") throw new Error(`the tag is ${idTagInfo.status}`);
const start = await station.call("StartTransaction", { connectorId: 1, idTag: "04A1B2", meterStart: 1000, timestamp: now() });
await wasReadBack;
await station.call("MeterValues", {
  connectorId: 1,
  transactionId: start.transactionId,
  meterValue: [{ timestamp: now(), sampledValue: [{ value: "1.5", unit: "kWh", context: "Sample.Periodic" }] }],
});
await station.call("Heartbeat", {});
await station.call("StopTransaction", { transactionId: start.transactionId, meterStop: 2500, timestamp: now(), reason: "Local" });
const refused = await station.call("SecurityEventNotification", { type: "StartupOfTheDevice", timestamp: now() }).catch((e) => e.rpcErrorCode);
if (refused !== "NotSupported") throw new Error(`an unsupported call was answered with ${JSON.stringify(refused)}`);
await station.close();
console.log(JSON.stringify({ transaction: start.transactionId, limit: schedule.chargingSchedulePeriod[0].limit, broken }));
