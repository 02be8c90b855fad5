using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop.Bpf;

/// <summary>A name of at most 15 bytes and a zero.</summary>
[InlineArray(BpfAbi.ObjectNameSize)]
internal struct BpfObjectName
{
    private byte _first;
}

// The parts of union bpf_attr that each command reads, and what the kernel tells of its objects: linux/bpf.h. A test
// holds the offsets, by the fields' names, against that header. Pointers are 8 bytes on every architecture.

/// <summary>BPF_MAP_CREATE.</summary>
[StructLayout(LayoutKind.Explicit, Size = 48)]
internal struct MapCreateAttributes
{
    [FieldOffset(0)] internal BpfMapType MapType;
    [FieldOffset(4)] internal uint KeySize;
    [FieldOffset(8)] internal uint ValueSize;
    [FieldOffset(12)] internal uint MaxEntries;
    [FieldOffset(16)] internal uint MapFlags;
    [FieldOffset(28)] internal BpfObjectName MapName;
}

/// <summary>BPF_MAP_*_ELEM and BPF_MAP_GET_NEXT_KEY, whose <c>next_key</c> is the same as <c>value</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct MapElementAttributes
{
    [FieldOffset(0)] internal int MapFd;
    [FieldOffset(8)] internal ulong Key;
    [FieldOffset(16)] internal ulong Value;
    [FieldOffset(24)] internal ulong Flags;
}

/// <summary>BPF_PROG_LOAD.</summary>
[StructLayout(LayoutKind.Explicit, Size = 112)]
internal struct ProgLoadAttributes
{
    [FieldOffset(0)] internal uint ProgType;
    [FieldOffset(4)] internal uint InsnCnt;
    [FieldOffset(8)] internal ulong Insns;
    [FieldOffset(16)] internal ulong License;
    [FieldOffset(24)] internal uint LogLevel;
    [FieldOffset(28)] internal uint LogSize;
    [FieldOffset(32)] internal ulong LogBuf;
    [FieldOffset(48)] internal BpfObjectName ProgName;
    [FieldOffset(68)] internal uint ExpectedAttachType;
    [FieldOffset(108)] internal int AttachBtfId;
}

/// <summary>BPF_OBJ_PIN and BPF_OBJ_GET.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct ObjectPathAttributes
{
    [FieldOffset(0)] internal ulong Pathname;
    [FieldOffset(8)] internal int BpfFd;
}

/// <summary>BPF_*_GET_NEXT_ID and BPF_*_GET_FD_BY_ID.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct ObjectIdAttributes
{
    [FieldOffset(0)] internal uint StartId;
    [FieldOffset(4)] internal uint NextId;
}

/// <summary>BPF_OBJ_GET_INFO_BY_FD.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct ObjectInfoAttributes
{
    [FieldOffset(0)] internal int BpfFd;
    [FieldOffset(4)] internal uint InfoLen;
    [FieldOffset(8)] internal ulong Info;
}

/// <summary>BPF_LINK_CREATE.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct LinkCreateAttributes
{
    [FieldOffset(0)] internal int ProgFd;
    [FieldOffset(4)] internal int TargetFd;
    [FieldOffset(8)] internal uint AttachType;
}

/// <summary>BPF_ITER_CREATE.</summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
internal struct IterCreateAttributes
{
    [FieldOffset(0)] internal int LinkFd;
}

/// <summary>BPF_LINK_DETACH.</summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
internal struct LinkDetachAttributes
{
    [FieldOffset(0)] internal int LinkFd;
}

/// <summary>BPF_PROG_QUERY.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct ProgQueryAttributes
{
    [FieldOffset(0)] internal int TargetFd;
    [FieldOffset(4)] internal uint AttachType;
    [FieldOffset(16)] internal ulong ProgIds;
    [FieldOffset(24)] internal uint ProgCnt;
}

/// <summary><c>struct bpf_link_info</c>, of a link to a control group.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct BpfLinkInfo
{
    [FieldOffset(0)] internal uint Type;
    [FieldOffset(4)] internal uint Id;
    [FieldOffset(8)] internal uint ProgId;
    [FieldOffset(16)] internal ulong CgroupId;
    [FieldOffset(24)] internal uint AttachType;
}

/// <summary><c>struct bpf_prog_info</c>, as far as it is read.</summary>
[StructLayout(LayoutKind.Explicit, Size = 80)]
internal struct BpfProgInfo
{
    [FieldOffset(0)] internal uint Type;
    [FieldOffset(4)] internal uint Id;
    [FieldOffset(52)] internal uint NrMapIds;
    [FieldOffset(56)] internal ulong MapIds;
    [FieldOffset(64)] internal BpfObjectName Name;
}

/// <summary><c>struct bpf_map_info</c>, as far as it is read.</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
internal struct BpfMapInfo
{
    [FieldOffset(0)] internal BpfMapType Type;
    [FieldOffset(4)] internal uint Id;
    [FieldOffset(8)] internal uint KeySize;
    [FieldOffset(12)] internal uint ValueSize;
    [FieldOffset(16)] internal uint MaxEntries;
    [FieldOffset(24)] internal BpfObjectName Name;
}
