using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

namespace NetKeepAlive.Interop.Linux;

/// <summary>A file system that this process sees.</summary>
/// <param name="Root">Which of its folders is mounted; <c>/</c> for all of it. Of nsfs, the namespace:
/// <c>net:[4026531840]</c>.</param>
/// <param name="Folder">Where.</param>
/// <param name="FileSystem">Its type: <c>cgroup2</c>.</param>
internal sealed record MountPoint(string Root, string Folder, string FileSystem);

/// <summary>The mounts of this process: <c>/proc/self/mountinfo</c> of proc(5).</summary>
internal static partial class MountTable
{
    private const string Source = "/proc/self/mountinfo";

    /// <summary>The mounts of a type; those of the whole file system first. None where there is no such list.</summary>
    internal static IReadOnlyList<MountPoint> Of(string fileSystem) =>
        Parse(File.Exists(Source) ? File.ReadLines(Source) : [])
            .Where(it => it.FileSystem == fileSystem)
            .OrderByDescending(static it => it.Root == "/")
            .ToList();

    /// <summary>Reads lines of mountinfo: id, parent, device, root, folder, options, more fields, a hyphen, type.</summary>
    internal static IEnumerable<MountPoint> Parse(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            string[] fields = line.Split(' ');
            int hyphen = Array.IndexOf(fields, "-", Math.Min(6, fields.Length));
            if (hyphen > 0 && hyphen + 1 < fields.Length)
            {
                yield return new MountPoint(Unescape(fields[3]), Unescape(fields[4]), fields[hyphen + 1]);
            }
        }
    }

    // Spaces and their like are three octal digits behind a backslash.
    private static string Unescape(string field) =>
        Escape().Replace(field, static it => ((char)Convert.ToInt32(it.Groups[1].Value, 8)).ToString());

    [GeneratedRegex(@"\\([0-7]{3})")]
    private static partial Regex Escape();
}
