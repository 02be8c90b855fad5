using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Linq;
using NetKeepAlive.Interop;

namespace NetKeepAlive.Policies;

/// <summary>Units of systemd: where their processes are, and how they get a program that lasts.</summary>
internal static class SystemdUnit
{
    // Those of its units that have control groups.
    private static readonly string[] Types = [".service", ".slice", ".scope", ".socket", ".mount", ".swap"];

    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(10);

    /// <summary>The whole name: one without a type is a service.</summary>
    internal static string FullName(string unit) =>
        Types.Contains(Path.GetExtension(unit)) ? unit : unit + ".service";

    /// <summary>The control group of a unit: as systemd says where it runs, else the one group of that name.</summary>
    /// <exception cref="IOException"><c>ENOENT</c>: there is no such unit, or it does not run.</exception>
    /// <exception cref="ArgumentException">The name is none, or several groups have it.</exception>
    internal static ControlGroup GroupOf(string unit, ControlGroupTree tree)
    {
        if (unit.Contains('/', StringComparison.Ordinal))
        {
            throw new ArgumentException(
                $"'{VisibleText.Brief(unit)}' is a path, not the name of a unit. Name a unit, as in web.service.");
        }

        // sd_booted(3)
        return Directory.Exists("/run/systemd/system") ? Ask(unit, tree) : Search(unit, tree);
    }

    /// <summary>The drop-in by which systemd attaches a pinned program whenever it starts the unit
    /// (<c>BPFProgram=</c> of systemd.resource-control(5)).</summary>
    internal static string DropIn(string unit, string pin)
    {
        string type = Path.GetExtension(unit)[1..];
        string section = char.ToUpperInvariant(type[0]) + type[1..];
        return $"# /etc/systemd/system/{unit}.d/netkeepalive.conf\n[{section}]\nBPFProgram=sock_ops:{pin}\n";
    }

    /// <summary>The units that have a control group.</summary>
    internal static IEnumerable<string> Names(ControlGroupTree tree) => tree.All()
        .Select(static it => Path.GetFileName(it.Path))
        .Where(static it => Types.Contains(Path.GetExtension(it)))
        .Distinct()
        .Order(StringComparer.Ordinal);

    private static ControlGroup Search(string unit, ControlGroupTree tree)
    {
        string name = FullName(unit);
        ControlGroup[] groups = tree.All()
            .Where(it => Path.GetFileName(it.Path) is { } file && (file == name || file == unit))
            .ToArray();
        return groups switch
        {
            [ControlGroup only] => only,
            [] => throw PolicyErrors.NotFound(
                $"systemd does not run here, and no control group below {tree.Whole.Folder} is called "
                + $"'{VisibleText.Brief(name)}'."),
            _ => throw new ArgumentException(
                $"Several groups are called {VisibleText.Brief(name)}: "
                + $"{string.Join(", ", groups.Select(static it => VisibleText.Escape(it.Path)))}. Name one "
                + "of them as the control group."),
        };
    }

    private static ControlGroup Ask(string unit, ControlGroupTree tree)
    {
        string path = Systemctl("show", "--property=ControlGroup", "--value", "--", FullName(unit));
        return path.StartsWith('/')
            ? tree.OfPath(path)
            : throw PolicyErrors.NotFound(
                $"systemd does not know the unit '{VisibleText.Brief(FullName(unit))}', or it does not run: only what runs "
                + "has a control group.");
    }

    private static string Systemctl(params string[] arguments)
    {
        try
        {
            using Process systemctl = Process.Start(new ProcessStartInfo("systemctl", arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            systemctl.ErrorDataReceived += static (_, _) => { };
            systemctl.BeginErrorReadLine();
            System.Threading.Tasks.Task<string> answer = systemctl.StandardOutput.ReadToEndAsync();
            if (!answer.Wait(LongestAnswer))
            {
                systemctl.Kill();
                throw new TimeoutException($"systemctl gave no answer in {LongestAnswer.TotalSeconds:0} s.");
            }

            return answer.Result.Trim();
        }
        catch (Win32Exception error)
        {
            throw new NativeSocketException(
                "execve", Errno.FromNumber(error.NativeErrorCode), "systemctl", "systemd runs, but this program is missing.");
        }
    }
}
