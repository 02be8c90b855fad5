using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using NetKeepAlive.Interop.Bpf;
using Xunit;

namespace NetKeepAlive.Tests.Interop.Bpf;

/// <summary>The kernel's description of its types, against bytes laid out by hand after its documentation.</summary>
public sealed class KernelTypesTests
{
    // BTF_KIND_*
    private const int Int = 1;
    private const int Struct = 4;
    private const int Union = 5;
    private const int Function = 12;
    private const int FunctionPrototype = 13;
    private const int Unknown = 30;

    // With the kind: members have offsets of 24 bits, above them the width of a bit field.
    private const int FieldsOfBits = 1 << 7;

    private const string Words = "\0first\0second\0within\0high\0file\0walk\0";

    [Fact]
    public void Members_are_found_at_their_offsets_those_of_unnamed_structures_too()
    {
        KernelTypes types = new(Sample());
        Assert.Equal(0, types.Offset("file", "first"));
        Assert.Equal(8, types.Offset("file", "second"));
        Assert.Equal(24, types.Offset("file", "within"));
        Assert.Null(types.Offset("file", "walk"));
        Assert.Null(types.Offset("file", "nowhere"));
        Assert.Null(types.Offset("nowhere", "first"));
        Assert.Null(types.Offset("walk", "first"));
    }

    [Fact]
    public void A_bit_field_is_where_its_offset_says_not_its_width() =>
        Assert.Equal(32, new KernelTypes(Sample()).Offset("file", "high"));

    [Fact]
    public void A_function_has_the_number_of_its_place()
    {
        KernelTypes types = new(Sample());
        Assert.Equal(6, types.Function("walk"));
        Assert.Null(types.Function("file"));
        Assert.Null(types.Function("nowhere"));
    }

    [Fact]
    public void What_is_cut_off_is_refused_wherever_it_ends()
    {
        byte[] whole = Sample();
        for (int length = 0; length < whole.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => new KernelTypes(whole[..length]));
        }
    }

    [Fact]
    public void A_kind_of_type_that_is_not_known_is_refused() =>
        Assert.Throws<InvalidDataException>(() => new KernelTypes(Description([Type("", Unknown, 0)])));

    [Fact]
    public void This_kernel_tells_where_its_structures_have_what_the_walk_over_files_reads()
    {
        Need.Linux();
        Assert.SkipUnless(File.Exists("/sys/kernel/btf/vmlinux"), "The kernel tells no types (CONFIG_DEBUG_INFO_BTF).");
        KernelTypes kernel = KernelTypes.OfThisKernel();
        Assert.NotNull(kernel.Function("bpf_iter_task_file"));
        Assert.Equal(0, kernel.Offset("bpf_iter_meta", "seq"));
        int pid = Assert.NotNull(kernel.Offset("task_struct", "pid"));
        Assert.Equal(pid + sizeof(int), kernel.Offset("task_struct", "tgid"));
    }

    // void; int; struct { first; second; union { struct { within } }; high:3 } file; walk()
    private static byte[] Sample() => Description(
    [
        Type("", Int, 0, size: 4, Bytes(32)),
        Type("", Struct, 1, size: 8, Member("within", 1, 0)),
        Type("", Union, 1, size: 8, Member("", 2, 64)),
        Type("file", Struct | FieldsOfBits, 4, size: 40,
            [.. Member("first", 1, 0), .. Member("second", 1, 64), .. Member("", 3, 128), .. Member("high", 1, (3 << 24) | 256)]),
        Type("", FunctionPrototype, 1, size: 1, Bytes(Name("first"), 1)),
        Type("walk", Function, 0, size: 5),
    ]);

    private static byte[] Type(string name, int kind, int count, int size = 0, byte[]? more = null) =>
        [.. Bytes(Name(name), (kind << 24) | count, size), .. more ?? []];

    private static byte[] Member(string name, int type, int bits) => Bytes(Name(name), type, bits);

    private static int Name(string name) =>
        name.Length == 0 ? 0 : Words.IndexOf($"\0{name}\0", StringComparison.Ordinal) + 1;

    private static byte[] Description(IEnumerable<byte[]> types)
    {
        byte[] all = [.. types.SelectMany(static it => it)];
        byte[] strings = Encoding.ASCII.GetBytes(Words);
        return [.. Bytes(0x1eb9f, 24, 0, all.Length, all.Length, strings.Length), .. all, .. strings];
    }

    private static byte[] Bytes(params int[] words) => [.. words.SelectMany(BitConverter.GetBytes)];
}
