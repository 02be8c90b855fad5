using System;
using System.Globalization;
using System.IO;
using System.Management.Automation;

namespace NetKeepAlive.PowerShell.Transforms;

/// <summary>Turns what people write into a file mode: <c>0600</c>, <c>'660'</c>. PowerShell has no octal numbers and
/// reads <c>0600</c> as six hundred, so the digits of a number are taken as they stand.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FileModeTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? input = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return input switch
        {
            UnixFileMode mode => mode,
            int number when TryParse(number.ToString(CultureInfo.InvariantCulture), out UnixFileMode mode) => mode,
            string text when TryParse(text, out UnixFileMode mode) => mode,
            _ => throw new ArgumentTransformationMetadataException(
                $"'{input}' is not a file mode. Write its octal digits, 0000 to 0777, as in -Mode 0660."),
        };
    }

    private static bool TryParse(string text, out UnixFileMode mode)
    {
        int value = 0;
        foreach (char digit in text)
        {
            if (digit is < '0' or > '7' || value > 511)
            {
                mode = default;
                return false;
            }

            value = (value * 8) + (digit - '0');
        }

        mode = (UnixFileMode)value;
        return text.Length > 0 && value <= 511;
    }
}
