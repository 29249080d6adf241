// Reads an AsyncAPI document from standard input and prints what the official parser has to say; exit code 1 when that is anything.
import {readFileSync} from "node:fs";
import {Parser} from "@asyncapi/parser";

const {document, diagnostics} = await new Parser().parse(readFileSync(0, "utf8"));
for (const {code, message, path} of diagnostics) console.log(`${path.join("/")}: ${message} (${code})`);
console.log(document ? `${document.allMessages().length} messages` : "no document");
process.exit(document && diagnostics.length === 0 ? 0 : 1);
