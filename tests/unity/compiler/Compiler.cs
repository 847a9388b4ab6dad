// Roslyn 3.4 inside mono: `mono Compiler.exe JOBS`. JOBS is a text file; each job is a block of lines, one csc argument
// each, and an empty line ends it. Source files, references and trees are shared between the jobs of one run.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

public static class Compiler
{
    static readonly Dictionary<string, MetadataReference> References = new Dictionary<string, MetadataReference>();

    public static int Main(string[] args)
    {
        int failed = 0;
        List<string> job = new List<string>();
        foreach (string line in File.ReadAllLines(args[0]).Concat(new[] { "" }))
        {
            if (line.Length > 0) { job.Add(line); continue; }
            if (job.Count > 0 && !Build(job)) failed++;
            job.Clear();
        }
        return failed == 0 ? 0 : 1;
    }

    static bool Build(List<string> job)
    {
        CSharpCommandLineArguments wanted = CSharpCommandLineParser.Default.Parse(job, Directory.GetCurrentDirectory(), null, null);
        foreach (Diagnostic error in wanted.Errors) Console.WriteLine(error);
        CSharpParseOptions options = (CSharpParseOptions)wanted.ParseOptions;
        List<SyntaxTree> trees = new List<SyntaxTree>();
        foreach (CommandLineSourceFile file in wanted.SourceFiles)
            trees.Add(CSharpSyntaxTree.ParseText(File.ReadAllText(file.Path), options, file.Path, Encoding.UTF8));
        string path = Path.Combine(wanted.OutputDirectory, wanted.OutputFileName);
        CSharpCompilationOptions how = ((CSharpCompilationOptions)wanted.CompilationOptions).WithConcurrentBuild(false);
        CSharpCompilation compilation = CSharpCompilation.Create(
            Path.GetFileNameWithoutExtension(path), trees, wanted.MetadataReferences.Select(Reference), how);
        MemoryStream image = new MemoryStream();
        var result = compilation.Emit(image);
        bool clean = result.Success && !wanted.Errors.Any();
        foreach (Diagnostic told in result.Diagnostics)
        {
            if (told.IsSuppressed || told.Severity < DiagnosticSeverity.Warning) continue;
            Console.WriteLine(told);
            clean = false;
        }
        if (clean)
        {
            File.WriteAllBytes(path, image.ToArray());
            References.Remove(path);
        }
        Console.WriteLine((clean ? "OK " : "FAILED ") + path);
        return clean;
    }

    static MetadataReference Reference(CommandLineReference wanted)
    {
        string path = Path.GetFullPath(wanted.Reference);
        MetadataReference known;
        if (!References.TryGetValue(path, out known))
            References[path] = known = MetadataReference.CreateFromImage(File.ReadAllBytes(path), default(MetadataReferenceProperties), null, path);
        return known;
    }
}
