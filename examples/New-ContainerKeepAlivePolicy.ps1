<#
.SYNOPSIS
    Gives one container, by any process of it, keep-alive on all that it connects to and accepts.
.DESCRIPTION
    Run it on the host, as root. The container's image, its programs and its settings stay as they are; its live
    connections are set too. With podman or docker the process is what `inspect -f '{{.State.Pid}}'` prints.

    The policy ends with the container: one that is started anew has another control group, and needs another policy.
.EXAMPLE
    ./New-ContainerKeepAlivePolicy.ps1 (podman inspect -f '{{.State.Pid}}' web) -DetectWithin 60
#>
[CmdletBinding()]
param(
    # A process in the container, by its number on the host.
    [Parameter(Mandatory)]
    [int]$ProcessId,

    # The time within which a dead peer is to be noticed.
    [string]$DetectWithin = '60s',

    [string]$Name = "container-$ProcessId"
)

New-TcpKeepAlivePolicy $Name -ProcessId $ProcessId -DetectWithin $DetectWithin -IncludeExisting -Persist
