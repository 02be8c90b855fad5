using System;
using System.Globalization;
using System.Management.Automation;
using System.Text;
using NetKeepAlive.Interop;
using NetKeepAlive.Sockets.Streams;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>Turns a name into an encoding: those that PowerShell knows, any that .NET knows, and
/// <c>base64</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class EncodingTransformAttribute : ArgumentTransformationAttribute
{
    /// <summary>The names offered by completion.</summary>
    internal static readonly string[] Names =
        ["utf8", "ascii", "latin1", "unicode", "bigendianunicode", "utf32", "base64"];

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? input = Wrapping.Unwrap(inputData);
        try
        {
            return input switch
            {
                Encoding encoding => encoding,
                int codePage => Encoding.GetEncoding(codePage),
                string name => Find(name),
                _ => throw Unknown(input),
            };
        }
        catch (Exception unknown) when (unknown is ArgumentException or NotSupportedException)
        {
            throw Unknown(input);
        }
    }

    // UTF-8 and its kin without a byte order mark: nothing is put before what is sent.
    private static Encoding Find(string name) => name.ToLowerInvariant() switch
    {
        "utf8" or "utf-8" or "utf8nobom" or "default" => new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        "ascii" => Encoding.ASCII,
        "latin1" => Encoding.Latin1,
        "unicode" or "utf16" => new UnicodeEncoding(bigEndian: false, byteOrderMark: false),
        "bigendianunicode" => new UnicodeEncoding(bigEndian: true, byteOrderMark: false),
        "utf32" => new UTF32Encoding(bigEndian: false, byteOrderMark: false),
        "bigendianutf32" => new UTF32Encoding(bigEndian: true, byteOrderMark: false),
        "ansi" => Encoding.GetEncoding(CultureInfo.CurrentCulture.TextInfo.ANSICodePage),
        "oem" => Encoding.GetEncoding(CultureInfo.CurrentCulture.TextInfo.OEMCodePage),
        "base64" => Base64Encoding.Instance,
        _ => Encoding.GetEncoding(name),
    };

    private static ArgumentTransformationMetadataException Unknown(object? input) =>
        new(
            $"'{VisibleText.Brief($"{input}")}' is not an encoding. Accepted are {string.Join(", ", Names)}, and the names "
            + "and code pages of .NET.");
}
