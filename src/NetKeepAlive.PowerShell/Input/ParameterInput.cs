using System;
using System.IO;
using System.Management.Automation;
using NetKeepAlive.PowerShell.Errors;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>Reads what a cmdlet was given when it is bound already: as in binding, an error names the parameter.</summary>
internal static class ParameterInput
{
    /// <summary>What a parameter's value means.</summary>
    /// <exception cref="ArgumentException">It means nothing; the message begins with the parameter.</exception>
    /// <exception cref="PathTooLongException">It is too long for an address; likewise.</exception>
    internal static T Read<T>(string parameter, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (PathTooLongException unfit)
        {
            throw new PathTooLongException($"-{parameter}: {unfit.Message}", unfit);
        }
        catch (Exception unfit)
            when (unfit is ArgumentException or FormatException or ArgumentTransformationMetadataException)
        {
            throw new ArgumentException($"-{parameter}: {ErrorRecords.Words(unfit)}", unfit);
        }
    }

    /// <summary>Does with a parameter's value what may find it unfit.</summary>
    /// <exception cref="ArgumentException">It is; the message begins with the parameter.</exception>
    internal static void Use(string parameter, Action use) => Read(parameter, () =>
    {
        use();
        return true;
    });
}
