// Compiles contracts/ProofVerifier.yul, whose parts stand in contracts/proof_verifier, and writes its artifact.
import { readFileSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import solc from "solc";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const name = "ProofVerifier";
const artifact = join(root, "src", "lockstep", "chain", "engines", `${name}.json`);

const source = readFileSync(join(root, "contracts", `${name}.yul`), "utf8").replace(/^ *\/\/ include (\w+)$/gm, (_, part) =>
    readFileSync(join(root, "contracts", "proof_verifier", `${part}.yul`), "utf8"));
// The code must have less than 24 kB. So without `inliner`, which copies functions of the assembly, and with the compiler's
// own steps but for F, which makes a copy of a function for every constant that it is called with: 3.7 kB for no gas.
const optimizerSteps = "dhfoDgvulfnTUtnIfxa[r]EscLMVcul[j]Trpeulxa[r]cLgvifMCTUca[r]LSsTOtfDnca[r]Iulc"
    + "scCTUtgvifMx[scCTUt]TOntnfDIulgvifMjmul[jul]VcTOculjmul:fDnTOcmuO";
const details = { yul: true, inliner: false, yulDetails: { stackAllocation: true, optimizerSteps } };
const settings = {
    evmVersion: "cancun",
    optimizer: { enabled: true, runs: 200000, details },
    outputSelection: { "*": { "*": ["evm.bytecode.object", "evm.deployedBytecode.object"] } },
};
const output = JSON.parse(solc.compile(JSON.stringify({ language: "Yul", sources: { [name]: { content: source } }, settings })));
const errors = (output.errors ?? []).filter((error) => error.severity === "error");
if (errors.length > 0) {
    console.error(errors.map((error) => error.formattedMessage).join("\n"));
    process.exit(1);
}
const { bytecode, deployedBytecode } = output.contracts[name][name].evm;
const content = {
    contract: name,
    compiler: solc.version(),
    source_digest: createHash("sha256").update(source).digest("hex"),
    runtime_bytes: deployedBytecode.object.length / 2,
    abi: [],
    creation: "0x" + bytecode.object,
    runtime: "0x" + deployedBytecode.object,
};
const text = JSON.stringify(content, null, 1) + "\n";
if (process.argv.includes("--check")) {
    if (readFileSync(artifact, "utf8") !== text) {
        console.error(`${artifact} is not what ${name}.yul compiles to`);
        process.exit(1);
    }
} else {
    writeFileSync(artifact, text);
    console.log(`${name}: ${content.runtime_bytes} bytes`);
}
