using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace NetKeepAlive.Tests.Architecture;

/// <summary>One file that uses what another declares.</summary>
internal sealed record Arrow(string From, string To)
{
    public override string ToString() => $"{From} -> {To}";
}

/// <summary>The rooms of a source folder (its sub-folders) and the arrows between its files, by the compiler's
/// model.</summary>
internal sealed class House
{
    private House(IReadOnlyList<string> files, IReadOnlyList<Arrow> arrows)
    {
        Files = files;
        Arrows = arrows;
    }

    /// <summary>The files, by their path within the folder.</summary>
    internal IReadOnlyList<string> Files { get; }

    /// <summary>Which file uses which.</summary>
    internal IReadOnlyList<Arrow> Arrows { get; }

    /// <summary>The folder that holds the sources of this project.</summary>
    internal static string SourceFolder
    {
        get
        {
            DirectoryInfo? folder = new(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "NetKeepAlive.slnx")))
            {
                folder = folder.Parent;
            }

            return Path.Combine(folder?.FullName ?? throw new DirectoryNotFoundException(), "src", "NetKeepAlive");
        }
    }

    /// <summary>The room of a file: the first folder of its path.</summary>
    internal static string RoomOf(string file) => file.Contains('/') ? file[..file.IndexOf('/')] : string.Empty;

    /// <summary>Reads a folder of sources.</summary>
    internal static House Read(string folder) => Read(Directory
        .EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
        .Select(path => (Path.GetRelativePath(folder, path).Replace('\\', '/'), File.ReadAllText(path)))
        .Where(static it => RoomOf(it.Item1) is not ("bin" or "obj")));

    /// <summary>Reads sources, each with its path.</summary>
    internal static House Read(IEnumerable<(string Path, string Text)> sources)
    {
        CSharpParseOptions options = new(LanguageVersion.CSharp12);
        SyntaxTree[] trees = sources
            .OrderBy(static it => it.Path, StringComparer.Ordinal)
            .Select(it => CSharpSyntaxTree.ParseText(it.Text, options, it.Path))
            .ToArray();
        string platform = (string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!;
        CSharpCompilation compilation = CSharpCompilation.Create(
            "House",
            trees,
            platform.Split(Path.PathSeparator)
                .Where(static it => !Path.GetFileName(it).StartsWith("NetKeepAlive", StringComparison.Ordinal))
                .Select(static it => MetadataReference.CreateFromFile(it)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true));
        return new House(
            trees.Select(static it => it.FilePath).ToList(),
            trees.SelectMany(it => ArrowsOf(compilation.GetSemanticModel(it))).Distinct().ToList());
    }

    /// <summary>The arrows from a room to one that stands below it in the list, or that is not in it.</summary>
    internal IReadOnlyList<Arrow> Upward(IReadOnlyList<string> rooms)
    {
        Dictionary<string, int> place = rooms.Select(static (room, i) => (room, i)).ToDictionary();
        return Arrows
            .Where(it => !place.TryGetValue(RoomOf(it.From), out int from)
                || !place.TryGetValue(RoomOf(it.To), out int to) || to > from)
            .OrderBy(static it => it.ToString(), StringComparer.Ordinal)
            .ToList();
    }

    /// <summary>Rooms that know one another, by whatever way round.</summary>
    internal IReadOnlyList<IReadOnlyList<string>> RoomCycles() => Cycles(Arrows
        .Select(static it => (RoomOf(it.From), RoomOf(it.To))));

    /// <summary>Files that know one another, by whatever way round.</summary>
    internal IReadOnlyList<IReadOnlyList<string>> FileCycles() => Cycles(Arrows.Select(static it => (it.From, it.To)));

    // Tarjan would be faster; this is read more easily: two are in one cycle when each reaches the other.
    private static IReadOnlyList<IReadOnlyList<string>> Cycles(IEnumerable<(string From, string To)> arrows)
    {
        ILookup<string, string> next = arrows.Where(static it => it.From != it.To).Distinct()
            .ToLookup(static it => it.From, static it => it.To);
        Dictionary<string, HashSet<string>> reached = next.ToDictionary(static it => it.Key, it => Reach(it.Key, next));
        return reached
            .Where(static it => it.Value.Contains(it.Key))
            .Select(it => it.Value.Where(other => reached.GetValueOrDefault(other)?.Contains(it.Key) is true)
                .Order(StringComparer.Ordinal).ToList())
            .DistinctBy(static it => it[0])
            .Select(static it => (IReadOnlyList<string>)it)
            .ToList();
    }

    private static HashSet<string> Reach(string from, ILookup<string, string> next)
    {
        HashSet<string> reached = [];
        Stack<string> left = new(next[from]);
        while (left.TryPop(out string? one))
        {
            if (reached.Add(one))
            {
                foreach (string other in next[one])
                {
                    left.Push(other);
                }
            }
        }

        return reached;
    }

    private static IEnumerable<Arrow> ArrowsOf(SemanticModel model)
    {
        string from = model.SyntaxTree.FilePath;
        foreach (SimpleNameSyntax name in model.SyntaxTree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>())
        {
            ISymbol? symbol = model.GetSymbolInfo(name).Symbol;
            if (symbol is null or INamespaceSymbol or ILocalSymbol or IParameterSymbol or ITypeParameterSymbol)
            {
                continue;
            }

            // A partial type lies in many files; where a member of it is meant, it is the member's.
            foreach (SyntaxReference declared in symbol.DeclaringSyntaxReferences)
            {
                if (declared.SyntaxTree.FilePath != from)
                {
                    yield return new Arrow(from, declared.SyntaxTree.FilePath);
                }
            }
        }
    }
}
