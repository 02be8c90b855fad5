using System;
using System.Security.Cryptography.X509Certificates;
using NetKeepAlive.Interop;

namespace NetKeepAlive;

/// <summary>What a certificate says, as data.</summary>
public sealed record TlsCertificate
{
    private readonly X509Certificate2 _certificate;

    internal TlsCertificate(X509Certificate2 certificate) => _certificate = certificate;

    /// <summary>Whose it is: a distinguished name.</summary>
    public string Subject => _certificate.Subject;

    /// <summary>Who issued it: a distinguished name.</summary>
    public string Issuer => _certificate.Issuer;

    /// <summary>The SHA-1 of it, in hexadecimal digits.</summary>
    public string Thumbprint => _certificate.Thumbprint;

    /// <summary>Its number with the issuer, in hexadecimal digits.</summary>
    public string SerialNumber => _certificate.SerialNumber;

    /// <summary>From when on it is valid, in local time.</summary>
    public DateTime NotBefore => _certificate.NotBefore;

    /// <summary>Until when it is valid, in local time.</summary>
    public DateTime NotAfter => _certificate.NotAfter;

    /// <summary>The certificate itself.</summary>
    public X509Certificate2 GetCertificate() => _certificate;

    /// <summary>Whose it is, with what would steer the terminal as escapes.</summary>
    public override string ToString() => VisibleText.Escape(Subject);
}
