using System;
using System.IO;

namespace NetKeepAlive;

/// <summary>TLS could not be agreed on, or failed later: a certificate, a version, an alert of the peer.</summary>
public sealed class TlsException : IOException
{
    internal TlsException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The error with its reason, which .NET and OpenSSL hide within others: "alert certificate
    /// required".</summary>
    /// <param name="what">What was tried.</param>
    /// <param name="failed">What came of it.</param>
    internal static TlsException From(string what, Exception failed)
    {
        Exception innermost = failed.GetBaseException();
        return new($"{what}: {innermost.Message}", failed);
    }
}
