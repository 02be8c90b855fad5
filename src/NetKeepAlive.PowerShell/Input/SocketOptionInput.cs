using System;
using System.Globalization;
using System.Management.Automation;
using NetKeepAlive.Interop;
using NetKeepAlive.Options;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>What people write for an option and its value.</summary>
internal static class SocketOptionInput
{
    /// <summary>The name of what is no option of the kernel's but the module's own.</summary>
    internal const string IdleTimeout = "IdleTimeout";

    /// <summary>The type of an option's value; null where there is no such option.</summary>
    internal static Type? TypeOf(string name) =>
        name.Equals(IdleTimeout, StringComparison.OrdinalIgnoreCase)
            ? typeof(TimeSpan)
            : SocketOptions.Find(name)?.ClrType;

    /// <summary>The error of a name that no option has.</summary>
    internal static ArgumentException Unknown(string name) =>
        new(
            $"-Name: '{VisibleText.Brief(name)}' is no socket option. Get-SocketOption -ListAvailable shows those that "
            + "there are.");

    /// <summary>The value of an option, of its type; null is off. A number keeps its wrapping, which has what was
    /// typed.</summary>
    /// <exception cref="ArgumentException">The option takes no such value.</exception>
    internal static object? ToValue(SocketOption option, object? value)
    {
        if (option.ClrType == typeof(TimeSpan) || option.ClrType == typeof(TimeSpan?))
        {
            return Wrapping.Unwrap(value) is null && option.ClrType == typeof(TimeSpan?)
                ? null
                : ToDuration(option.Name, value);
        }

        value = Wrapping.Unwrap(value);

        if (option.ClrType == typeof(bool))
        {
            return ToSwitch(option.Name, value);
        }

        try
        {
            return LanguagePrimitives.ConvertTo(
                value ?? throw new PSInvalidCastException("null"), option.ClrType, CultureInfo.InvariantCulture);
        }
        catch (PSInvalidCastException)
        {
            throw new ArgumentException(
                $"'{VisibleText.Brief($"{value}")}' is no value of {option.Name}, which takes {option.ClrType.Name}.");
        }
    }

    /// <summary>The duration of an option.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    internal static TimeSpan ToDuration(string name, object? value)
    {
        try
        {
            return DurationAttribute.Read(value);
        }
        catch (ArgumentTransformationMetadataException unfit)
        {
            throw new ArgumentException($"{name}: {unfit.Message}");
        }
    }

    /// <summary>The bytes of an option that the table lacks.</summary>
    /// <exception cref="ArgumentException">It is nothing that has bytes.</exception>
    internal static byte[] ToRaw(object? value) => value switch
    {
        null => throw new ArgumentException("-Value: the value is null. Is the variable set?"),
        byte[] bytes => bytes,
        bool flag => BitConverter.GetBytes(flag ? 1 : 0),
        object?[] many when LanguagePrimitives.TryConvertTo(many, out byte[] bytes) => bytes,
        _ when LanguagePrimitives.TryConvertTo(value, out int number) => BitConverter.GetBytes(number),
        _ => throw new ArgumentException(
            $"-Value: '{VisibleText.Brief(LanguagePrimitives.ConvertTo<string>(value))}' is no raw value: accepted are an "
            + "integer, a bool and bytes, 0 to 255 each."),
    };

    // PowerShell takes every text but the empty one for true, 'false' too.
    private static bool ToSwitch(string name, object? value) => value?.ToString()?.ToUpperInvariant() switch
    {
        "TRUE" or "ON" or "1" => true,
        "FALSE" or "OFF" or "0" => false,
        _ => throw new ArgumentException(
            $"'{VisibleText.Brief($"{value}")}' is no value of {name}, which is $true or $false."),
    };
}
