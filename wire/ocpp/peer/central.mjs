// A strict OCPP 1.6 central system by other authors. It prints its port, then one line of JSON for each call that it gets
// or makes, and ends with its input.
import { RPCServer } from "ocpp-rpc";

const server = new RPCServer({ protocols: ["ocpp1.6"], strictMode: true, callTimeoutMs: 5000 });
const say = (line) => console.log(JSON.stringify(line));
const now = () => new Date().toISOString();

server.on("client", (station) => {
  station.on("strictValidationFailure", ({ error, method }) => say({ broken: method, why: error.message }));
  const answers = {
    BootNotification: () => ({ status: "Accepted", currentTime: now(), interval: 60 }),
    Authorize: () => ({ idTagInfo: { status: "Accepted" } }),
    StartTransaction: () => ({ idTagInfo: { status: "Accepted" }, transactionId: 42 }),
    StatusNotification: () => ({}),
    MeterValues: () => ({}),
    StopTransaction: () => ({}),
  };
  for (const [method, answer] of Object.entries(answers)) {
    station.handle(method, ({ params }) => {
      say({ got: method, params });
      if (method === "StopTransaction") setImmediate(() => order(station));
      return answer();
    });
  }
});

// order makes calls of every kind and says what came back.
async function order(station) {
  const calls = [
    ["GetConfiguration", { key: ["HeartbeatInterval", "Nonsense"] }],
    ["ChangeAvailability", { connectorId: 0, type: "Operative" }],
    ["Reset", { type: "Soft" }],
    ["UnlockConnector", { connectorId: 1 }],
    ["TriggerMessage", { requestedMessage: "StatusNotification", connectorId: 1 }],
    ["GetDiagnostics", { location: "ftp://example.org/x" }],
  ];
  for (const [method, params] of calls) {
    const answer = await station.call(method, params).catch((e) => ({ refused: e.rpcErrorCode }));
    say({ called: method, answer });
  }
  say({ over: true });
}

const listener = await server.listen(0, "127.0.0.1");
console.log(listener.address().port);
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
