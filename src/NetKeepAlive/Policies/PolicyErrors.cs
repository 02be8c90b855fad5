using System.IO;
using NetKeepAlive.Interop;

namespace NetKeepAlive.Policies;

/// <summary>Errors of what is named and is not there, or is there already; no system call failed.</summary>
internal static class PolicyErrors
{
    /// <summary><c>ENOENT</c>: there is none.</summary>
    internal static IOException NotFound(string message) => new(message, Errno.ENOENT.Value);

    /// <summary><c>ENOENT</c>: no policy has this name.</summary>
    internal static IOException NoSuchPolicy(string name) => NotFound(
        $"No keep-alive policy called '{VisibleText.Brief(name)}' is in force.");

    /// <summary><c>EEXIST</c>: a policy has this name.</summary>
    internal static IOException NameTaken(string name) => new(
        $"A keep-alive policy called '{VisibleText.Brief(name)}' is in force: change or remove it, or choose another name.",
        Errno.EEXIST.Value);

    /// <summary><c>ESRCH</c>: the process has ended.</summary>
    internal static IOException NoSuchProcess(int processId) =>
        new($"There is no process {processId}.", Errno.ESRCH.Value);
}
