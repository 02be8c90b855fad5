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
}
