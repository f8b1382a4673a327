// Writes payloads, right and wrong, made from the published schemas, each with the verdict of another schema checker:
// one line of JSON {schema, payload, valid} each. Usage: node judge.mjs COUNT SEED SCHEMA...
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const schemas = require("ocpp-rpc/lib/schemas/ocpp1_6.json");
const { createValidator } = require("ocpp-rpc/lib/validator");
const judge = createValidator("ocpp1.6", schemas);

const [count, seed, ...wanted] = process.argv.slice(2);
let state = Number(seed);
// chance is a number from 0 to n-1 out of a linear congruential generator, so that a seed repeats its payloads.
function chance(n) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * n);
}
const pick = (list) => list[chance(list.length)];
const wrong = () => pick([null, true, 7, -0.05, "", "x".repeat(600), "Accepted", "ä".repeat(20), [], {}, { status: "Accepted" }, [[]]]);

// make builds a value for a schema; about one in rate places gets something that may be wrong.
function make(schema, rate) {
  if (chance(rate) === 0) return wrong();
  if (schema.enum) return pick(schema.enum);
  switch (schema.type) {
    case "object": {
      const value = {};
      for (const [name, below] of Object.entries(schema.properties ?? {})) {
        const required = schema.required?.includes(name);
        if (required ? chance(rate) !== 0 : chance(2) === 0) value[name] = make(below, rate);
      }
      if (chance(rate) === 0) value[pick(["extra", "Status", "idtag", ""])] = wrong();
      return value;
    }
    case "array":
      return Array.from({ length: chance(3) }, () => make(schema.items, rate));
    case "integer":
      return chance(100000) - 10;
    case "number":
      return chance(4) === 0 ? chance(10000) / 100 : chance(1000) / 10;
    case "boolean":
      return chance(2) === 0;
  }
  if (schema.format === "date-time") {
    return pick(["2026-03-01T12:00:00Z", "2026-03-01T12:00:00.5+01:00", "2026-03-01T12:00:00", "2026-13-01T12:00:00Z", "yesterday"]);
  }
  return [..."aä€😀"][chance(4)].repeat(chance((schema.maxLength ?? 20) + 2));
}

for (let n = 0; n < Number(count); n++) {
  const id = pick(wanted);
  const payload = make(schemas.find((s) => s.$id === `urn:${id}`), pick([4, 20, 1000]));
  let valid = true;
  try {
    judge.validate(`urn:${id}`, payload);
  } catch {
    valid = false;
  }
  console.log(JSON.stringify({ schema: id, payload, valid }));
}
