using NetKeepAlive.Interop.Linux;
using Xunit;

namespace NetKeepAlive.Tests.Interop;

public sealed class MountTableTests
{
    [Fact]
    public void The_table_of_mounts_is_read_with_its_escapes()
    {
        string[] lines =
        [
            "24 1 0:5 / /proc rw,nosuid - proc proc rw",
            "30 24 0:26 / /a\\040b\\134c rw,relatime shared:4 master:2 - cgroup2 cgroup2 rw,nsdelegate",
            "31 24 0:27 /docker/1 /sys/fs/cgroup ro - cgroup2 none rw",
            "nonsense",
        ];
        Assert.Equal(
            [new("/", "/proc", "proc"), new("/", "/a b\\c", "cgroup2"), new("/docker/1", "/sys/fs/cgroup", "cgroup2")],
            MountTable.Parse(lines));
    }
}
