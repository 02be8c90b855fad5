using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace NetKeepAlive.Interop.Bpf;

/// <summary>
/// The types and functions of the running kernel, as it describes them itself (BTF, the kernel's
/// <c>Documentation/bpf/btf.rst</c>): where its structures have what a program reads. All numbers are little-endian, as
/// the machine's.
/// </summary>
internal sealed class KernelTypes
{
    private const string Place = "/sys/kernel/btf/vmlinux";

    // struct btf_header
    private const ushort Magic = 0xeb9f;
    private const int HeaderLength = 4;
    private const int TypesOffset = 8;
    private const int TypesLength = 12;
    private const int StringsOffset = 16;
    private const int StringsLength = 20;

    // struct btf_type, then what belongs to its kind; struct btf_member
    private const int TypeSize = 12;
    private const int MemberSize = 12;
    private const int Info = 4;
    private const int MemberType = 4;
    private const int MemberOffset = 8;

    private readonly byte[] _bytes;
    private readonly int _strings;
    private readonly int _stringsLength;

    // Where each type begins; the number of a type is its index. 0 is void.
    private readonly List<int> _types = [0];

    /// <summary>Reads a description.</summary>
    /// <exception cref="InvalidDataException">It is none, or has a kind of type that is not known.</exception>
    internal KernelTypes(byte[] bytes)
    {
        _bytes = bytes;
        try
        {
            if (BinaryPrimitives.ReadUInt16LittleEndian(bytes) != Magic)
            {
                throw new InvalidDataException("no description of types (BTF)");
            }

            int header = Word(HeaderLength);
            _strings = header + Word(StringsOffset);
            _stringsLength = Word(StringsLength);
            _ = bytes.AsSpan(_strings, _stringsLength);
            int end = header + Word(TypesOffset) + Word(TypesLength);
            for (int at = header + Word(TypesOffset); at < end; at += TypeSize + ExtraSize(at))
            {
                _types.Add(at);
            }
        }
        catch (ArgumentException error)
        {
            throw new InvalidDataException("a description of types (BTF) that ends too early", error);
        }
    }

    // enum of the kinds, BTF_KIND_*
    private enum Kind
    {
        Int = 1,
        Pointer,
        Array,
        Struct,
        Union,
        Enum,
        Forward,
        Typedef,
        Volatile,
        Const,
        Restrict,
        Function,
        FunctionPrototype,
        Variable,
        DataSection,
        Float,
        DeclarationTag,
        TypeTag,
        Enum64,
    }

    /// <summary>Reads those of this kernel.</summary>
    /// <exception cref="IOException">It does not tell them (CONFIG_DEBUG_INFO_BTF), or not to this user.</exception>
    /// <exception cref="InvalidDataException">They are not understood.</exception>
    internal static KernelTypes OfThisKernel() => new(File.ReadAllBytes(Place));

    /// <summary>The number of a function, by which bpf(2) knows it; null where the kernel has none of that
    /// name.</summary>
    internal int? Function(string name)
    {
        int text = Find(name);
        int number = _types.FindIndex(1, at => Word(at) == text && KindOf(at) == Kind.Function);
        return text == 0 || number < 0 ? null : number;
    }

    /// <summary>How many bytes from its begin a structure has a member, unnamed structures within it looked through; null
    /// where it has none of that name.</summary>
    internal int? Offset(string structure, string member)
    {
        int text = Find(structure);
        int wanted = Find(member);
        if (text == 0 || wanted == 0)
        {
            return null;
        }

        foreach (int at in _types)
        {
            if (at != 0 && Word(at) == text && KindOf(at) == Kind.Struct && Offset(at, wanted) is { } bits)
            {
                return bits / 8;
            }
        }

        return null;
    }

    // In bits.
    private int? Offset(int structure, int member)
    {
        for (int i = 0; i < CountOf(structure); i++)
        {
            int at = structure + TypeSize + (i * MemberSize);

            // Where the structure has bit fields, the upper byte is a field's width.
            int offset = Word(at + MemberOffset) & (Word(structure + Info) < 0 ? 0xff_ffff : -1);
            if (Word(at) == member)
            {
                return offset;
            }

            int type = _types[Word(at + MemberType)];
            if (Word(at) == 0 && type != 0 && KindOf(type) is Kind.Struct or Kind.Union
                && Offset(type, member) is { } within)
            {
                return offset + within;
            }
        }

        return null;
    }

    // Each string is there once; 0, that of what has no name, where it is not.
    private int Find(string text)
    {
        int at = _bytes.AsSpan(_strings, _stringsLength).IndexOf(Encoding.UTF8.GetBytes($"\0{text}\0"));
        return at + 1;
    }

    private Kind KindOf(int type) => (Kind)((Word(type + Info) >> 24) & 0x1f);

    private int CountOf(int type) => Word(type + Info) & 0xffff;

    private int ExtraSize(int type) => KindOf(type) switch
    {
        Kind.Int or Kind.Variable or Kind.DeclarationTag => 4,
        Kind.Array => 12,
        Kind.Struct or Kind.Union or Kind.DataSection or Kind.Enum64 => 12 * CountOf(type),
        Kind.Enum or Kind.FunctionPrototype => 8 * CountOf(type),
        Kind.Pointer or Kind.Forward or Kind.Typedef or Kind.Volatile or Kind.Const or Kind.Restrict
            or Kind.Function or Kind.Float or Kind.TypeTag => 0,
        Kind kind => throw new InvalidDataException($"kind {(int)kind} of a type (BTF) is not known"),
    };

    private int Word(int at) => BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(at));
}
