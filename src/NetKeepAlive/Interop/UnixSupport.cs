
namespace NetKeepAlive.Interop;

/// <summary>What Unix sockets can do where; each throws <see cref="System.PlatformNotSupportedException"/>.</summary>
internal static class UnixSupport
{
    /// <summary>Seqpacket sockets: Linux.</summary>
    internal static void RequireSeqpacket(Platform platform) => Require("A Unix seqpacket socket", platform);

    /// <summary>Names without a file: Linux.</summary>
    internal static void RequireAbstractNames(Platform platform) =>
        Require("The abstract namespace of Unix sockets", platform);

    /// <summary>SCM_CREDENTIALS: Linux.</summary>
    internal static void RequireCredentials(Platform platform) =>
        Require("The credentials of a message's sender", platform);

    private static void Require(string what, Platform platform)
    {
        if (platform is not Platform.Linux)
        {
            throw CurrentPlatform.NotSupported(what, platform);
        }
    }
}
