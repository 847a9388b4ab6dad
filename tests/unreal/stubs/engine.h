// The part of Unreal Engine's interface that the plugin uses, declared so that a compiler can tell a wrong name or type. Nothing
// here does anything. Each name was looked up in Epic's documentation or in public code for 5.5 and later.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#define ENGINE_MAJOR_VERSION 5
#ifndef ENGINE_MINOR_VERSION
#define ENGINE_MINOR_VERSION 5
#endif
#define UE_VERSION_OLDER_THAN(Major, Minor, Patch) (ENGINE_MAJOR_VERSION < (Major) || (ENGINE_MAJOR_VERSION == (Major) && ENGINE_MINOR_VERSION < (Minor)))

using int32 = int32_t;
using int64 = int64_t;
using uint8 = uint8_t;
using uint32 = uint32_t;
using uint64 = uint64_t;
using SIZE_T = size_t;
using TCHAR = char16_t;
#define TEXT(Literal) u##Literal
#define UCLASS(...)
#define USTRUCT(...)
#define UENUM(...)
#define UPROPERTY(...)
#define UFUNCTION(...)
#define UMETA(...)
#define GENERATED_JOIN_INNER(One, Other) One##Other
#define GENERATED_JOIN(One, Other) GENERATED_JOIN_INNER(One, Other)
#define GENERATED_BODY(...) GENERATED_JOIN(GENERATED_LINE_, __LINE__)
#define THIRD_PARTY_INCLUDES_START
#define THIRD_PARTY_INCLUDES_END
#define COMPANIONBRIDGE_API
#define COMPANIONLIVELINK_API
#define INDEX_NONE (-1)
#define UE_ARRAY_COUNT(Array) (sizeof(Array) / sizeof((Array)[0]))
#define DEFINE_LOG_CATEGORY_STATIC(Name, Default, Compiled) static const int Name = 0
#define UE_LOG(Category, Verbosity, Format, ...) static_cast<void>(Category), static_cast<void>(Format)
#define IMPLEMENT_MODULE(Class, Name) static const Class Name##Module{};
#define RETURN_QUICK_DECLARE_CYCLE_STAT(Name, Group) return TStatId()
#define LOCTEXT(Key, Words) FText()

template <typename Type>
std::remove_reference_t<Type>&& MoveTemp(Type&& Given) { return static_cast<std::remove_reference_t<Type>&&>(Given); }

struct FDefaultModuleImpl {};
struct TStatId {};
struct FGuid {};
struct FText {};
struct FDelegateHandle {};

class FString
{
public:
	FString() = default;
	FString(const TCHAR*) {}
	FString(const char*) {}
	FString(int32 Length, const TCHAR* Text);
	const TCHAR* operator*() const;
	bool Equals(const FString& Other) const;
	static FString Printf(const TCHAR* Format, ...);
};

class FName
{
public:
	FName() = default;
	FName(const TCHAR*) {}
	bool operator==(const FName&) const;
	FString ToString() const;
};

struct FTCHARToUTF8
{
	explicit FTCHARToUTF8(const TCHAR*);
	const char* Get() const;
	int32 Length() const;
};

struct FUTF8ToTCHAR
{
	FUTF8ToTCHAR(const char*, int32);
	const TCHAR* Get() const;
	int32 Length() const;
};

template <typename Item>
class TArray
{
public:
	TArray() = default;
	TArray(std::initializer_list<Item>) {}
	int32 Num() const;
	Item* GetData();
	const Item* GetData() const;
	void Add(const Item&);
	void Append(const Item*, int32);
	void Reset(int32 = 0);
	void Empty(int32 = 0);
	void SetNumZeroed(int32);
	int32 Find(const Item&) const;
	Item& operator[](int32);
	const Item& operator[](int32) const;
	bool operator==(const TArray&) const;
	bool operator!=(const TArray&) const;
	Item* begin();
	Item* end();
	const Item* begin() const;
	const Item* end() const;
};

template <typename KeyType, typename ValueType>
struct TPair
{
	KeyType Key;
	ValueType Value;
};

template <typename KeyType, typename ValueType>
class TMap
{
public:
	ValueType* Find(const KeyType&);
	const ValueType* Find(const KeyType&) const;
	ValueType& Add(const KeyType&, ValueType);
	int32 Remove(const KeyType&);
	void Empty(int32 = 0);
	const TPair<KeyType, ValueType>* begin() const;
	const TPair<KeyType, ValueType>* end() const;
};

enum class ESPMode : uint8 { NotThreadSafe, ThreadSafe };

template <typename Type, ESPMode Mode = ESPMode::ThreadSafe>
class TSharedRef
{
public:
	template <typename Other>
	TSharedRef(const TSharedRef<Other>&) {}
	TSharedRef(const TSharedRef&) = default;
	Type* operator->() const;
	Type& operator*() const;
};

template <typename Type, ESPMode Mode = ESPMode::ThreadSafe>
class TSharedPtr
{
public:
	TSharedPtr() = default;
	TSharedPtr(std::nullptr_t) {}
	explicit TSharedPtr(Type*) {}
	template <typename Other>
	TSharedPtr(const TSharedPtr<Other>&) {}
	template <typename Other>
	TSharedPtr(const TSharedRef<Other>&) {}
	bool IsValid() const;
	void Reset();
	TSharedRef<Type> ToSharedRef() const;
	Type* operator->() const;
	Type& operator*() const;
};

template <typename Type, typename... Given>
TSharedRef<Type> MakeShared(Given&&... All)
{
	static_assert(std::is_constructible_v<Type, Given...>);
	return *static_cast<TSharedRef<Type>*>(nullptr);
}

template <typename Type>
class TUniquePtr
{
public:
	~TUniquePtr() { static_assert(sizeof(Type) > 0, "an incomplete type is deleted"); }
	Type* operator->() const;
	Type& operator*() const;
};

template <typename Type, typename... Given>
TUniquePtr<Type> MakeUnique(Given&&...);

template <typename Signature>
class TFunction : public std::function<Signature>
{
public:
	using std::function<Signature>::function;
};

class UClass {};
class UScriptStruct {};
class UGameInstance;
class UWorld
{
public:
	UGameInstance* GetGameInstance() const;
};

class UObject
{
public:
	virtual ~UObject() = default;
	virtual UWorld* GetWorld() const;
};

template <typename Type>
class TWeakObjectPtr
{
public:
	explicit TWeakObjectPtr(Type*);
	Type* Get() const;
};

template <typename... Given>
class TMulticast
{
public:
	template <typename Function>
	FDelegateHandle AddLambda(Function&& Called)
	{
		static_assert(std::is_invocable_v<Function, Given...>);
		return {};
	}
	template <typename Function>
	FDelegateHandle AddWeakLambda(const UObject*, Function&& Called)
	{
		static_assert(std::is_invocable_v<Function, Given...>);
		return {};
	}
	bool Remove(FDelegateHandle);
	int32 RemoveAll(const void*);
	bool IsBound() const;
	void Broadcast(Given...) const;
};

template <typename... Given>
class TDynamicSingle
{
public:
	bool IsBound() const;
	bool ExecuteIfBound(Given...) const;
};

#define DECLARE_MULTICAST_DELEGATE_OneParam(Name, One) using Name = TMulticast<One>
#define DECLARE_MULTICAST_DELEGATE_TwoParams(Name, One, Two) using Name = TMulticast<One, Two>
#define DECLARE_MULTICAST_DELEGATE_ThreeParams(Name, One, Two, Three) using Name = TMulticast<One, Two, Three>
#define DECLARE_DYNAMIC_MULTICAST_DELEGATE_OneParam(Name, One, A) using Name = TMulticast<One>
#define DECLARE_DYNAMIC_MULTICAST_DELEGATE_TwoParams(Name, One, A, Two, B) using Name = TMulticast<One, Two>
#define DECLARE_DYNAMIC_MULTICAST_DELEGATE_ThreeParams(Name, One, A, Two, B, Three, C) using Name = TMulticast<One, Two, Three>
#define DECLARE_DYNAMIC_DELEGATE_OneParam(Name, One, A) using Name = TDynamicSingle<One>

struct FMath
{
	template <typename Type>
	static Type Max(Type, Type);
	template <typename Type>
	static Type Clamp(Type, Type, Type);
	template <typename Type>
	static Type Lerp(Type, Type, float);
};

struct FPlatformTime
{
	static double Seconds();
	static uint32 Cycles();
};

// --------------------------------------------------------------------------------------------- the game

class USubsystem : public UObject
{
public:
	virtual void Deinitialize() {}
};

class UGameInstanceSubsystem : public USubsystem {};

class UGameInstance : public UObject
{
public:
	template <typename Type>
	Type* GetSubsystem() const;
};

class FTickableGameObject
{
public:
	virtual ~FTickableGameObject() = default;
	virtual void Tick(float DeltaTime) = 0;
	virtual TStatId GetStatId() const = 0;
	virtual bool IsTickableWhenPaused() const { return false; }
};

namespace EEndPlayReason { enum Type { Destroyed, LevelTransition, EndPlayInEditor, RemovedFromWorld, Quit }; }
enum ELevelTick { LEVELTICK_TimeOnly, LEVELTICK_ViewportsOnly, LEVELTICK_All };
enum ETickingGroup { TG_PrePhysics, TG_PostPhysics, TG_PostUpdateWork };

struct FActorComponentTickFunction
{
	uint8 bCanEverTick : 1;
	ETickingGroup TickGroup;
};

class AActor;

class UActorComponent : public UObject
{
public:
	FActorComponentTickFunction PrimaryComponentTick;
	AActor* GetOwner() const;
	virtual void TickComponent(float DeltaTime, ELevelTick TickType, FActorComponentTickFunction* ThisTickFunction);

protected:
	virtual void BeginPlay();
	virtual void EndPlay(const EEndPlayReason::Type EndPlayReason);
};

class USceneComponent : public UActorComponent {};

class USkeletalMeshComponent : public USceneComponent
{
public:
	void SetMorphTarget(FName MorphTargetName, float Value, bool bRemoveZeroWeight = true);
};

class AActor : public UObject
{
public:
	template <typename Type>
	void GetComponents(TArray<Type*>& Into) const;
};

// --------------------------------------------------------------------------------------------- sound

class ISoundGenerator
{
public:
	virtual ~ISoundGenerator() = default;
	virtual int32 OnGenerateAudio(float* OutAudio, int32 NumSamples) = 0;
};

using ISoundGeneratorPtr = TSharedPtr<ISoundGenerator, ESPMode::ThreadSafe>;

struct FSoundGeneratorInitParams
{
	float SampleRate = 0;
	int32 NumChannels = 0;
};

struct FObjectInitializer {};
enum class EVirtualizationMode : uint8 { Disabled, PlayWhenSilent, Restart };

class USoundBase : public UObject
{
public:
	EVirtualizationMode VirtualizationMode;
};

class USynthSound : public USoundBase {};

class UAudioComponent : public USceneComponent
{
public:
	USoundBase* Sound;
};

class USynthComponent : public USceneComponent
{
public:
	USynthComponent(const FObjectInitializer&) {}
	void Start();
	void Stop();
	UAudioComponent* GetAudioComponent();

protected:
	virtual bool Init(int32& SampleRate);
	virtual ISoundGeneratorPtr CreateSoundGenerator(const FSoundGeneratorInitParams& InParams);
	int32 NumChannels;
};

namespace Audio
{
	struct FAudioCaptureDeviceParams
	{
		int32 DeviceIndex = INDEX_NONE;
		bool bUseHardwareAEC = false;
	};

	using FOnAudioCaptureFunction = TFunction<void(const void* InAudio, int32 NumFrames, int32 NumChannels, int32 SampleRate, double StreamTime, bool bOverFlow)>;

	class FAudioCapture
	{
	public:
		bool OpenAudioCaptureStream(const FAudioCaptureDeviceParams& InParams, FOnAudioCaptureFunction OnCapture, uint32 NumFramesDesired);
		bool StartStream();
		bool StopStream();
		bool CloseStream();
		bool IsStreamOpen() const;
	};
}

class UAndroidPermissionFunctionLibrary
{
public:
	static bool CheckPermission(const FString& Permission);
	static void* AcquirePermissions(const TArray<FString>& Permissions);
};

// --------------------------------------------------------------------------------------------- sockets

class IWebSocket
{
public:
	virtual ~IWebSocket() = default;
	virtual void Connect() = 0;
	virtual void Close(int32 Code = 1000, const FString& Reason = FString()) = 0;
	virtual bool IsConnected() = 0;
	virtual void Send(const void* Data, SIZE_T Size, bool bIsBinary = false) = 0;
	virtual TMulticast<>& OnConnected() = 0;
	virtual TMulticast<const FString&>& OnConnectionError() = 0;
	virtual TMulticast<int32, const FString&, bool>& OnClosed() = 0;
	virtual TMulticast<const void*, SIZE_T, bool>& OnBinaryMessage() = 0;
};

class FWebSocketsModule
{
public:
	static FWebSocketsModule& Get();
	TSharedRef<IWebSocket> CreateWebSocket(const FString& Url, const FString& Protocol = FString(), const TMap<FString, FString>& UpgradeHeaders = {});
};

// --------------------------------------------------------------------------------------------- animation

struct FAnimationInitializeContext {};
struct FAnimationCacheBonesContext {};
struct FAnimationUpdateContext {};

struct FBlendedCurve
{
	float Get(FName InName) const;
	void Set(FName InName, float InValue);
};

struct FPoseContext
{
	FBlendedCurve Curve;
};

struct FNodeDebugData
{
	void AddDebugItem(FString DebugData, bool bPoseSource = false);
};

struct FPoseLink
{
	void Initialize(const FAnimationInitializeContext&);
	void CacheBones(const FAnimationCacheBonesContext&);
	void Update(const FAnimationUpdateContext&);
	void Evaluate(FPoseContext&);
	void GatherDebugData(FNodeDebugData&);
};

class UAnimInstance : public UObject {};

struct FExposedValueHandler
{
	void Execute(const FAnimationUpdateContext&) const;
};

struct FAnimNode_Base
{
	virtual ~FAnimNode_Base() = default;
	virtual void Initialize_AnyThread(const FAnimationInitializeContext&);
	virtual void CacheBones_AnyThread(const FAnimationCacheBonesContext&);
	virtual void Update_AnyThread(const FAnimationUpdateContext&);
	virtual void Evaluate_AnyThread(FPoseContext&);
	virtual void GatherDebugData(FNodeDebugData&);
	virtual bool HasPreUpdate() const;
	virtual void PreUpdate(const UAnimInstance* InAnimInstance);

protected:
	const FExposedValueHandler& GetEvaluateGraphExposedInputs() const;
};

namespace ENodeTitleType { enum Type { FullTitle, ListView, EditableTitle, MenuTitle }; }

class UAnimGraphNode_Base : public UObject
{
public:
	virtual FText GetNodeTitle(ENodeTitleType::Type TitleType) const;
	virtual FText GetTooltipText() const;
	virtual FString GetNodeCategory() const;
};

// --------------------------------------------------------------------------------------------- Live Link

struct FLiveLinkSubjectKey
{
	FLiveLinkSubjectKey(FGuid, FName);
};

struct FLiveLinkWorldTime
{
	FLiveLinkWorldTime() = default;
	explicit FLiveLinkWorldTime(double);
};

struct FLiveLinkBaseStaticData
{
	TArray<FName> PropertyNames;
	static UScriptStruct* StaticStruct();
};

struct FLiveLinkBaseFrameData
{
	TArray<float> PropertyValues;
	FLiveLinkWorldTime WorldTime;
	static UScriptStruct* StaticStruct();
};

template <typename Base>
struct TLiveLinkStruct
{
	explicit TLiveLinkStruct(UScriptStruct*);
	template <typename Type>
	Type* Cast();
};

using FLiveLinkStaticDataStruct = TLiveLinkStruct<FLiveLinkBaseStaticData>;
using FLiveLinkFrameDataStruct = TLiveLinkStruct<FLiveLinkBaseFrameData>;

class ULiveLinkRole : public UObject {};
class ULiveLinkBasicRole : public ULiveLinkRole
{
public:
	static UClass* StaticClass();
};

class ILiveLinkClient;

class ILiveLinkSource
{
public:
	virtual ~ILiveLinkSource() = default;
	virtual void ReceiveClient(ILiveLinkClient* InClient, FGuid InSourceGuid) = 0;
	virtual bool IsSourceStillValid() const = 0;
	virtual bool RequestSourceShutdown() = 0;
	virtual FText GetSourceType() const = 0;
	virtual FText GetSourceMachineName() const = 0;
	virtual FText GetSourceStatus() const = 0;
};

class ILiveLinkClient
{
public:
	static FName ModularFeatureName;
	virtual FGuid AddSource(TSharedPtr<ILiveLinkSource> Source) = 0;
	virtual void RemoveSource(TSharedPtr<ILiveLinkSource> Source) = 0;
	virtual void PushSubjectStaticData_AnyThread(const FLiveLinkSubjectKey&, UClass* Role, FLiveLinkStaticDataStruct&&) = 0;
	virtual void PushSubjectFrameData_AnyThread(const FLiveLinkSubjectKey&, FLiveLinkFrameDataStruct&&) = 0;
};

class IModularFeatures
{
public:
	static IModularFeatures& Get();
	bool IsModularFeatureAvailable(FName) const;
	template <typename Type>
	Type& GetModularFeature(FName);
};
