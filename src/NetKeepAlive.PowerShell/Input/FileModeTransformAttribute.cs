using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Management.Automation;
using NetKeepAlive.Interop;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>Turns what people write for a file mode into its octal digits: <c>0600</c>, <c>'660'</c>. PowerShell has no
/// octal numbers and reads <c>0600</c> as six hundred, so the digits of a number are taken as they stand. The parameter
/// is text: of one that is an enumeration PowerShell would complete the names, and none of them is accepted.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FileModeTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? input = Wrapping.Unwrap(inputData);
        string digits = input switch
        {
            UnixFileMode mode => Convert.ToString((int)mode, 8),
            int number => number.ToString(CultureInfo.InvariantCulture),
            _ => input as string ?? string.Empty,
        };
        bool isOctal = digits.Length > 0 && digits.All(static it => it is >= '0' and <= '7');
        return isOctal && digits.TrimStart('0').Length <= 3
            ? digits
            : throw new ArgumentTransformationMetadataException(
                $"'{VisibleText.Brief($"{input}")}' is not a file mode. Write its octal digits, 0000 to 0777, as in -Mode "
                + "0660.");
    }

    /// <summary>The mode that the digits stand for.</summary>
    internal static UnixFileMode Read(string digits) => (UnixFileMode)Convert.ToInt32(digits, 8);
}
