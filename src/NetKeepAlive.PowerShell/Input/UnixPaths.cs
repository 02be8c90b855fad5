using System;
using System.Management.Automation;
using System.Runtime.CompilerServices;
using NetKeepAlive.Interop;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>The paths that people name: of Unix sockets, of namespaces.</summary>
// What stands in the call is the parameter's property, and so its name in errors.
internal static class UnixPaths
{
    /// <summary>The address of a path as PowerShell understands it: from its location, with ~ and drives.</summary>
    /// <exception cref="ArgumentException">The path is not one of the file system.</exception>
    internal static UnixAddress FromPath(PSCmdlet cmdlet, string path) => UnixAddress.FromPath(Resolve(cmdlet, path));

    /// <summary>A path as PowerShell understands it: from its location, with ~ and drives.</summary>
    /// <exception cref="ArgumentException">The path is not one of the file system.</exception>
    internal static string Resolve(PSCmdlet cmdlet, string path)
    {
        try
        {
            string resolved = cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(
                path, out ProviderInfo provider, out _);
            return provider.Name == "FileSystem"
                ? resolved
                : throw new ArgumentException(
                    $"'{VisibleText.Brief(path)}' lies in the provider {provider.Name}, not in the file system.");
        }
        catch (Exception unknown) when (unknown is ProviderNotFoundException or DriveNotFoundException)
        {
            throw new ArgumentException(VisibleText.Brief(unknown.Message), unknown);
        }
    }

    /// <summary>The address of a path or of an abstract name, whichever is given; null for neither. A path may be such a
    /// name, too.</summary>
    internal static UnixAddress? From(
        PSCmdlet cmdlet, string? path, string? abstractName,
        [CallerArgumentExpression(nameof(path))] string pathParameter = "",
        [CallerArgumentExpression(nameof(abstractName))] string nameParameter = "") => abstractName is not null
            ? ParameterInput.Read(nameParameter, () => UnixAddress.FromAbstractName(abstractName))
            : FromText(cmdlet, path, pathParameter);

    /// <summary>The address of one text: <c>@name</c> is an abstract name, as it is shown everywhere; all else a path,
    /// <c>./@name</c> too.</summary>
    internal static UnixAddress? FromText(
        PSCmdlet cmdlet, string? text, [CallerArgumentExpression(nameof(text))] string parameter = "") =>
        ParameterInput.Read(parameter, () => text switch
        {
            null => null,
            "@" => throw new ArgumentException(
                "'@' is no name: an abstract name has at least one character after it. A file of that name is ./@."),
            ['@', _, ..] => UnixAddress.FromAbstractName(text[1..]),
            _ => FromPath(cmdlet, text),
        });
}
