using System;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using NetKeepAlive.Interop.Bpf;
using NetKeepAlive.Interop.Linux;
using Xunit;

namespace NetKeepAlive.Tests.Interop.Bpf;

/// <summary>Every number and layout of bpf(2) against <c>linux/bpf.h</c> of the system that the tests run on.</summary>
public sealed class BpfHeaderTests
{
    private readonly StringBuilder _source = new("""
        #include <stddef.h>
        #include <sys/syscall.h>
        #include <linux/bpf.h>
        #include <linux/capability.h>
        """);

    [Theory]
    [InlineData(typeof(MapCreateAttributes), "union bpf_attr", "")]
    [InlineData(typeof(MapElementAttributes), "union bpf_attr", "")]
    [InlineData(typeof(ProgLoadAttributes), "union bpf_attr", "")]
    [InlineData(typeof(ObjectPathAttributes), "union bpf_attr", "")]
    [InlineData(typeof(ObjectIdAttributes), "union bpf_attr", "")]
    [InlineData(typeof(ObjectInfoAttributes), "union bpf_attr", "info.")]
    [InlineData(typeof(LinkCreateAttributes), "union bpf_attr", "link_create.")]
    [InlineData(typeof(LinkDetachAttributes), "union bpf_attr", "link_detach.")]
    [InlineData(typeof(ProgQueryAttributes), "union bpf_attr", "query.")]
    [InlineData(typeof(BpfLinkInfo), "struct bpf_link_info", "")]
    [InlineData(typeof(BpfProgInfo), "struct bpf_prog_info", "")]
    [InlineData(typeof(BpfMapInfo), "struct bpf_map_info", "")]
    public void Layouts_are_those_of_the_header(Type layout, string type, string part)
    {
        Need.Linux();
        foreach (FieldInfo field in layout.GetFields(BindingFlags.Instance | BindingFlags.NonPublic))
        {
            string name = Snake(field.Name, upper: false);
            // Two fields of the link's information are of its kind.
            string prefix = layout == typeof(BpfLinkInfo) && (name is "cgroup_id" or "attach_type") ? "cgroup." : part;
            AssertEqual(
                $"offsetof({type}, {prefix}{name})", field.GetCustomAttribute<FieldOffsetAttribute>()!.Value);
            if (field.FieldType != typeof(BpfMapType))
            {
                AssertEqual(
                    $"sizeof((({type} *)0)->{prefix}{name})",
                    field.FieldType == typeof(BpfObjectName) ? BpfAbi.ObjectNameSize : Marshal.SizeOf(field.FieldType));
            }
        }

        CCompiler.MustCompile(_source.ToString());
    }

    [Fact]
    public void Commands_are_those_of_the_header()
    {
        Need.Linux();
        foreach (BpfCommand command in Enum.GetValues<BpfCommand>())
        {
            AssertEqual($"BPF{Snake(command.ToString(), upper: true)}", (int)command);
        }

        AssertEqual("SYS_bpf", SystemCall.Bpf);
        CCompiler.MustCompile(_source.ToString());
    }

    [Fact]
    public void Constants_are_those_of_the_headers()
    {
        Need.Linux();
        AssertEqual("BPF_OBJ_NAME_LEN", BpfAbi.ObjectNameSize);
        AssertEqual("BPF_MAP_TYPE_HASH", (int)BpfMapType.Hash);
        AssertEqual("BPF_MAP_TYPE_ARRAY", (int)BpfMapType.Array);
        AssertEqual("BPF_MAP_TYPE_LPM_TRIE", (int)BpfMapType.LpmTrie);
        AssertEqual("BPF_PROG_TYPE_SOCK_OPS", (int)BpfAbi.ProgTypeSockOps);
        AssertEqual("BPF_CGROUP_SOCK_OPS", (int)BpfAbi.CgroupSockOps);
        AssertEqual("BPF_LINK_TYPE_CGROUP", (int)BpfAbi.LinkTypeCgroup);
        AssertEqual("BPF_F_NO_PREALLOC", (int)BpfAbi.NoPrealloc);
        AssertEqual("BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB", BpfAbi.ActiveEstablished);
        AssertEqual("BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB", BpfAbi.PassiveEstablished);
        AssertEqual("offsetof(struct bpf_sock_ops, op)", BpfAbi.SockOpsOp);
        AssertEqual("offsetof(struct bpf_sock_ops, remote_ip6)", BpfAbi.SockOpsRemoteIP6);
        AssertEqual("offsetof(struct bpf_sock_ops, remote_port)", BpfAbi.SockOpsRemotePort);
        AssertEqual("offsetof(struct bpf_sock_ops, local_port)", BpfAbi.SockOpsLocalPort);
        AssertEqual("BPF_FUNC_map_lookup_elem", BpfAbi.FuncMapLookupElem);
        AssertEqual("BPF_FUNC_setsockopt", BpfAbi.FuncSetSockOpt);
        AssertEqual("BPF_FUNC_getsockopt", BpfAbi.FuncGetSockOpt);
        foreach (Capabilities.Capability capability in Enum.GetValues<Capabilities.Capability>())
        {
            AssertEqual($"{capability}", (int)capability);
        }

        CCompiler.MustCompile(_source.ToString());
    }

    private void AssertEqual(string expression, int value) => _source.AppendLine()
        .Append(CultureInfo.InvariantCulture, $"_Static_assert(({expression}) == {value}, \"{expression}\");");

    // MapType is map_type, or _MAP_TYPE.
    private static string Snake(string name, bool upper)
    {
        StringBuilder snake = new();
        foreach (char letter in name)
        {
            snake.Append(char.IsUpper(letter) && (upper || snake.Length > 0) ? "_" : null)
                .Append(upper ? char.ToUpperInvariant(letter) : char.ToLowerInvariant(letter));
        }

        return snake.ToString();
    }
}
