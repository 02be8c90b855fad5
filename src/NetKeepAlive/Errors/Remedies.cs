namespace NetKeepAlive.Errors;

/// <summary>What to do about an error, in words that name no cmdlet. Who offers this core to people at a prompt adds the
/// names of the commands that do it.</summary>
internal static class Remedies
{
    internal const string TakeAnotherPort = "wait for it, take another one, or 0 for any that is free";
    internal const string LeaveLocalPort = "leave it to the system, or name another one";
    internal const string ReplaceStale = "remove it if nobody serves it, or name another one";
    internal const string EnlargeBuffer = "enlarge it, or send less at a time";
    internal const string NameReceiver = "The socket has no peer: name the receiver.";
    internal const string Accept = "accept a connection from it";
    internal const string OwnTls = "put TLS on a socket of this module";
    internal const string CopyDescriptor = "take a copy of it to work with";
    internal const string EndConnection = "end the connection instead";
    internal const string NameTlsHost = "name what it must be for";
    internal const string NameIPv6Address = "name an IPv6 address, or let them in";
    internal const string NameOneOfFamily = "name one of that family";
    internal const string TakeAnotherFamily = "Take another family, or another host.";
    internal const string TrustAny = "Add it to those that are trusted, or trust any";
}
